/** Whether the machine was left to a measurement: who else used its CPUs. */
@NullMarked
package dev.peregrine.bench.wire.noise;

import org.jspecify.annotations.NullMarked;
