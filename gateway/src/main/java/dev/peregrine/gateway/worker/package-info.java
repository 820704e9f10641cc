/** Workers on event loops: their threads, waiting, polling, placement on CPUs, and the schedule that they follow. */
@NullMarked
package dev.peregrine.gateway.worker;

import org.jspecify.annotations.NullMarked;
