/**
 * Linux through {@link java.lang.foreign}: sockets, TAP devices, network namespaces, rtnetlink, CPU affinity.
 *
 * <p>A leaf: it depends on the JDK only. Constants and layouts are those of 64-bit little-endian Linux (x86-64,
 * aarch64).
 *
 * <ul>
 *   <li>Calls on the packet path take addresses as {@code long}, allocate nothing, never throw, and return the system
 *       call's result or {@code -errno}.
 *   <li>All other calls throw {@link dev.peregrine.dataplane.linux.sys.LinuxException}, which names the call, its
 *       subject, the errno and the remedy.
 * </ul>
 */
@NullMarked
package dev.peregrine.dataplane.linux.sys;

import org.jspecify.annotations.NullMarked;
