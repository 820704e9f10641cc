/**
 * The decision: {@linkplain dev.peregrine.controlplane.Claim claims} of several planes, and what is local, become one
 * wanted state of the gateway's tables, and its differences become {@linkplain
 * dev.peregrine.controlplane.resolve.TableChanges changes}. Nothing here has a thread or a clock, or knows a table: one
 * thread calls {@link dev.peregrine.controlplane.resolve.Resolver} and tells it the time.
 */
@NullMarked
package dev.peregrine.controlplane.resolve;

import org.jspecify.annotations.NullMarked;
