/**
 * BPF programs at the traffic-control hooks of network interfaces, and for the queues of TAP devices: assembled here,
 * checked and compiled by the kernel.
 *
 * <p>An {@link dev.peregrine.dataplane.bpf.Assembler} makes a {@link dev.peregrine.dataplane.bpf.Program}, which refers
 * to {@link dev.peregrine.dataplane.bpf.BpfMap maps}; {@link dev.peregrine.dataplane.bpf.LoadedProgram} is the same in
 * the kernel, to be run on single frames or attached to an interface. Nothing outlives the process: the kernel frees
 * programs, maps and attachments whose descriptors are closed. There is no compiler and no library behind it.
 */
@NullMarked
package dev.peregrine.dataplane.bpf;

import org.jspecify.annotations.NullMarked;
