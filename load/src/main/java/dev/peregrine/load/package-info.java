/**
 * Load generators and their receivers: the commands {@code gen}, {@code sink} and {@code perf}. This package holds
 * their common parts: the {@link dev.peregrine.load.Stamp} in each payload, the open-loop schedule, the message
 * buffers, and the end of a run.
 */
@NullMarked
package dev.peregrine.load;

import org.jspecify.annotations.NullMarked;
