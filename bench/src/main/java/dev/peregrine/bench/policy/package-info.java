/** What policy costs: rules, established state, changes under load. */
@NullMarked
package dev.peregrine.bench.policy;

import org.jspecify.annotations.NullMarked;
