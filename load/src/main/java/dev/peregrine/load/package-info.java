/**
 * Load generators and what measures them: the commands {@code gen}, {@code sink} and {@code perf}. This package holds
 * what they share: the {@link dev.peregrine.load.Stamp} in each payload, the open-loop schedule, the message
 * buffers, and how a run ends.
 */
@NullMarked
package dev.peregrine.load;

import org.jspecify.annotations.NullMarked;
