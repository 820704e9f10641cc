/**
 * The contract of packet processing: a stage decides, a node acts on the decision.
 */
@NullMarked
package dev.peregrine.dataplane.stage;

import org.jspecify.annotations.NullMarked;
