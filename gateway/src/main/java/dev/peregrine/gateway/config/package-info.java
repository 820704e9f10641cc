/**
 * The configuration file: immutable records, and the reader that fills them or refuses the file whole.
 *
 * <p>Every key stands once, in the {@code *Keys} tables: its name, type, range, default and meaning. The
 * tables read the file, print the effective configuration and generate {@code docs/configuration.md}.
 * What one key cannot know alone is in {@link dev.peregrine.gateway.config.Rules}; what this version
 * does not have yet is in {@link dev.peregrine.gateway.config.Availability}.
 */
@NullMarked
package dev.peregrine.gateway.config;

import org.jspecify.annotations.NullMarked;
