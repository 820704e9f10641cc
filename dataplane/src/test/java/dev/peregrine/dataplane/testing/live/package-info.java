/**
 * Commands, processes and network namespaces of live tests: the part of {@code testkit.live} that the tests of the
 * modules below the testkit can see.
 */
@NullMarked
package dev.peregrine.dataplane.testing.live;

import org.jspecify.annotations.NullMarked;
