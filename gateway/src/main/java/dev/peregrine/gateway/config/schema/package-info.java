/**
 * The schema language: tables of keys with types, ranges and defaults, by which a file is read, printed and documented.
 */
@NullMarked
package dev.peregrine.gateway.config.schema;

import org.jspecify.annotations.NullMarked;
