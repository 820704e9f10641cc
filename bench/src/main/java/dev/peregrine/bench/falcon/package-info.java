/** Experiments on schedules: the results of Falcon (EuroSys'21) and its relatives, on our chain. */
@NullMarked
package dev.peregrine.bench.falcon;

import org.jspecify.annotations.NullMarked;
