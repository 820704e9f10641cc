/**
 * The kernel's tier of the flow cache: BPF programs that send packets of known flows from where they come in straight
 * to where they leave, as the chain decided. They decide nothing: whatever they do not know goes on to the gateway.
 *
 * <p>{@link dev.peregrine.fastpath.kernel.table.KernelTables} is the memory that programs and gateway share, {@link
 * dev.peregrine.fastpath.kernel.table.KernelFlows} writes flows into it. The programs are here: {@link
 * dev.peregrine.fastpath.kernel.UnderlayProgram} and {@link dev.peregrine.fastpath.kernel.HelperProgram} take packets
 * out of the tunnel, {@link dev.peregrine.fastpath.kernel.PortProgram} puts them in. See ADR 20.
 */
@NullMarked
package dev.peregrine.fastpath.kernel;

import org.jspecify.annotations.NullMarked;
