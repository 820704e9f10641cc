/** Checks of the machine and of the process: JDK, memory, rights, CPUs, ports. */
@NullMarked
package dev.peregrine.gateway.doctor.host;

import org.jspecify.annotations.NullMarked;
