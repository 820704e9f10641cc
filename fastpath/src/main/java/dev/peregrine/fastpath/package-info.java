/**
 * The flow cache (ECON): the first packet of a flow walks the chain of devices, later ones go straight from their entry
 * to their exit.
 */
@NullMarked
package dev.peregrine.fastpath;

import org.jspecify.annotations.NullMarked;
