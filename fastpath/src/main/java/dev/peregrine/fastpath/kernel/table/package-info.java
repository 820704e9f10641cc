/**
 * The memory that the kernel's tier and the gateway share, and its one writer:
 * {@link dev.peregrine.fastpath.kernel.table.KernelTables} holds it,
 * {@link dev.peregrine.fastpath.kernel.table.KernelFlows} installs and ends flows in it. The layouts that programs rely
 * on are here; the programs are in {@code fastpath.kernel}.
 */
@NullMarked
package dev.peregrine.fastpath.kernel.table;

import org.jspecify.annotations.NullMarked;
