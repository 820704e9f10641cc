/**
 * Matching: the fields that rules look at, the conditions on them, and a tuple space search that finds the first rule.
 */
@NullMarked
package dev.peregrine.dataplane.policy.match;

import org.jspecify.annotations.NullMarked;
