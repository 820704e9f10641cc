/** The difference between two configurations, as actions that turn a gateway of one into one of the other. */
@NullMarked
package dev.peregrine.gateway.config.change;

import org.jspecify.annotations.NullMarked;
