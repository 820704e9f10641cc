/** The metrics, and the text in which collectors read them. */
@NullMarked
package dev.peregrine.gateway.metric;

import org.jspecify.annotations.NullMarked;
