/** Experiments on schedules: what Falcon (EuroSys'21) and its relatives show, on our chain. */
@NullMarked
package dev.peregrine.bench.falcon;

import org.jspecify.annotations.NullMarked;
