/** Tables: the rows of a list chosen, sorted and cut to what the terminal shows. */
@NullMarked
package dev.peregrine.gateway.command.table;

import org.jspecify.annotations.NullMarked;
