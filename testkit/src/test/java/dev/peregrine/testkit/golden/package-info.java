/** Captures in, captures out: {@link dev.peregrine.testkit.golden.GoldenTest}. */
@NullMarked
package dev.peregrine.testkit.golden;

import org.jspecify.annotations.NullMarked;
