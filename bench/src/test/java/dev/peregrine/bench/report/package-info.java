@NullMarked
package dev.peregrine.bench.report;

import org.jspecify.annotations.NullMarked;
