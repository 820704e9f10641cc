package dev.peregrine.fastpath.kernel.table;

import dev.peregrine.dataplane.bpf.BpfMap;
import dev.peregrine.dataplane.linux.sys.LinuxException;

/**
 * Waits until every run of a program that began before is over: then none follows what it read before. The kernel does
 * so where a map within a map is replaced, since Linux 5.0. Any thread.
 */
public final class GracePeriod implements AutoCloseable {
    private final BpfMap inner;
    private final BpfMap outer;

    /** Makes two small maps to wait with. */
    public GracePeriod() throws LinuxException {
        inner = BpfMap.array("pg_grace", Long.BYTES, 1);
        try {
            outer = BpfMap.arrayOfMaps("pg_graces", inner, 1);
        } catch (LinuxException e) {
            inner.close();
            throw e;
        }
    }

    /** Waits: some milliseconds, up to some tens. */
    public void await() throws LinuxException {
        outer.update(0, inner);
    }

    @Override
    public void close() {
        outer.close();
        inner.close();
    }
}
