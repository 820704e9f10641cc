/**
 * The flow cache (ECON): the first packet of a flow walks the chain of devices, the later ones go straight from where
 * they came in to where they leave.
 */
@NullMarked
package dev.peregrine.fastpath;

import org.jspecify.annotations.NullMarked;
