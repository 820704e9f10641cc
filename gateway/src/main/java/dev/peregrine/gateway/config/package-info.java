/**
 * The configuration file: immutable records, and the reader that fills them or refuses the file whole.
 *
 * <p>Every key stands once, in the {@code *Keys} tables: its name, type, range, default and meaning. The
 * tables read the file, print the effective configuration and generate {@code docs/configuration.md}.
 * Conditions between keys are in {@link dev.peregrine.gateway.config.Rules}; keys that this version
 * does not follow yet are in {@link dev.peregrine.gateway.config.Availability}.
 */
@NullMarked
package dev.peregrine.gateway.config;

import org.jspecify.annotations.NullMarked;
