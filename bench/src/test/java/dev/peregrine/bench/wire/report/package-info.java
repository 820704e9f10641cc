@NullMarked
package dev.peregrine.bench.wire.report;

import org.jspecify.annotations.NullMarked;
