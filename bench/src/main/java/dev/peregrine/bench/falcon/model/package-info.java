/** The schedules that the experiments compare, where they place devices, and what is measured and predicted of them. */
@NullMarked
package dev.peregrine.bench.falcon.model;

import org.jspecify.annotations.NullMarked;
