/**
 * The log: what the program says by SLF4J, to stderr, a line for each event. It is a provider of its own since the
 * small one that SLF4J has writes no JSON and drops no repeats, and those that do start in a time in which most
 * commands are done.
 */
@NullMarked
package dev.peregrine.gateway.log;

import org.jspecify.annotations.NullMarked;
