package dev.peregrine.dataplane.bpf;

import dev.peregrine.dataplane.linux.netlink.BpfFilter;
import dev.peregrine.dataplane.linux.sys.LinuxException;

/**
 * A program at a hook as a filter, for kernels without tcx. There is one of this project at each hook and place, and it
 * stays when the process is killed; the next one to attach takes its place. Closed in the namespace where it was made.
 */
public final class FilterAttachment implements Attachment {
    /** Before and behind the filters of others that leave their priority to the kernel, which begins at 49152. */
    private static final int FIRST_PRIORITY = 100;

    private static final int LAST_PRIORITY = 65_000;

    private final BpfFilter filter;

    private FilterAttachment(BpfFilter filter) {
        this.filter = filter;
    }

    /** As {@link Attachment#attach}. */
    public static FilterAttachment attach(LoadedProgram program, int index, Hook hook, Place place)
            throws LinuxException {
        BpfFilter filter = new BpfFilter(
                index,
                hook == Hook.INGRESS ? BpfFilter.INGRESS : BpfFilter.EGRESS,
                place == Place.FIRST ? FIRST_PRIORITY : LAST_PRIORITY);
        filter.add(program.fd(), program.name());
        return new FilterAttachment(filter);
    }

    @Override
    public void close() {
        try {
            filter.delete();
        } catch (LinuxException e) {
            return; // the next one replaces it
        }
    }
}
