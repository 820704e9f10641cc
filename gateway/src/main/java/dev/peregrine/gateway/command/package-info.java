/** The command line: the gateway in the foreground, and the commands that talk to a running one. */
@NullMarked
package dev.peregrine.gateway.command;

import org.jspecify.annotations.NullMarked;
