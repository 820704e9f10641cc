/** The live view: what a gateway does now, from two looks at its counters. */
@NullMarked
package dev.peregrine.gateway.command.top;

import org.jspecify.annotations.NullMarked;
