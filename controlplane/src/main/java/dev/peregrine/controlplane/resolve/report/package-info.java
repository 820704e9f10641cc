/** The reports of a resolver: the state of planes, the outcome of their claims, and its events. */
@NullMarked
package dev.peregrine.controlplane.resolve.report;

import org.jspecify.annotations.NullMarked;
