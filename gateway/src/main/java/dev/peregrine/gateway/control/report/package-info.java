/** The answers to commands, as records: rows of lists, and reports. */
@NullMarked
package dev.peregrine.gateway.control.report;

import org.jspecify.annotations.NullMarked;
