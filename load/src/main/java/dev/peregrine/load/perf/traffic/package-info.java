/** The traffic of a measurement: streams over TCP and UDP in either direction, and requests with their answers. */
@NullMarked
package dev.peregrine.load.perf.traffic;

import org.jspecify.annotations.NullMarked;
