/** Where packets are lost: every counter along the way, read before and after a measurement. */
@NullMarked
package dev.peregrine.bench.wire.drops;

import org.jspecify.annotations.NullMarked;
