/** The answers about policies and the connection table. */
@NullMarked
package dev.peregrine.gateway.control.report.policy;

import org.jspecify.annotations.NullMarked;
