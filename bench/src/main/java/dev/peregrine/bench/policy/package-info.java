/** The cost of policy: rules, established state, changes under load. */
@NullMarked
package dev.peregrine.bench.policy;

import org.jspecify.annotations.NullMarked;
