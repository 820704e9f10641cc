/**
 * The configuration file: immutable records, and the reader that fills them or refuses the file whole.
 *
 * <p>Every key stands once, in the {@code *Keys} tables: its name, type, range, default and meaning. The
 * tables read the file, print the effective configuration and its JSON Schema, and generate
 * {@code docs/configuration.md}. Defaults come from the type that follows the value, where it has them: its
 * {@code DEFAULT}. Records hold that type where it says the same as the key.
 *
 * <p>Conditions between keys are in {@link dev.peregrine.gateway.config.rules.Rules}.
 */
@NullMarked
package dev.peregrine.gateway.config;

import org.jspecify.annotations.NullMarked;
