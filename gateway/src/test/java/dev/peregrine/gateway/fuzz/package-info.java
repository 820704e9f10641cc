/**
 * Everything that parses bytes of others, given any bytes. {@link dev.peregrine.gateway.fuzz.FuzzTest} runs the kept
 * inputs on every build; {@code scripts/fuzz} has Jazzer search for more.
 */
@NullMarked
package dev.peregrine.gateway.fuzz;

import org.jspecify.annotations.NullMarked;
