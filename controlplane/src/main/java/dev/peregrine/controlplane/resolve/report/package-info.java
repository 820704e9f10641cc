/** What a resolver tells people: how planes are, what became of their claims, and what happened. */
@NullMarked
package dev.peregrine.controlplane.resolve.report;

import org.jspecify.annotations.NullMarked;
