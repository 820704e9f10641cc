/**
 * Fixtures for the tests of all modules: frames with right checksums, packets made from them, and plain
 * implementations to compare the fast ones with.
 */
@NullMarked
package dev.peregrine.dataplane.testing;

import org.jspecify.annotations.NullMarked;
