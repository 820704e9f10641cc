/**
 * The kernel's tier of the flow cache, as a running gateway has it: attached where and while it can be had, given flows
 * that workers offer, and its counts brought home. Belongs to the control thread.
 *
 * <p>{@link dev.peregrine.gateway.tier.KernelTier} decides whether the tier is on, {@link
 * dev.peregrine.gateway.tier.Attachment} is it while it is on.
 */
@NullMarked
package dev.peregrine.gateway.tier;

import org.jspecify.annotations.NullMarked;
