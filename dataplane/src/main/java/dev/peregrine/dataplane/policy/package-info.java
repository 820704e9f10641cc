/**
 * Policy on the path: who may claim which addresses, how much may pass, and which flows are established.
 */
@NullMarked
package dev.peregrine.dataplane.policy;

import org.jspecify.annotations.NullMarked;
