package dev.peregrine.dataplane.linux.tun;

import dev.peregrine.dataplane.linux.netlink.Link;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import java.util.Optional;

/**
 * The interface of a workload, in the workload's network namespace, and the TAP by which its frames come and go: the
 * same device, or two that belong together.
 */
public interface WorkloadDevice extends AutoCloseable {
    /** Where frames are read and written. */
    Tap tap();

    /** The interface's number in the workload's namespace, which stays when it is renamed. */
    int index();

    /** Whether it has ended: asks the kernel. */
    boolean gone();

    /** The interface as its namespace sees it now, whatever its name is now; empty if it is not there. */
    Optional<Link> link() throws LinuxException;

    /** Sets the MTU of the interface, in bytes. */
    void mtu(int bytes) throws LinuxException;

    /**
     * Frames of the workload that were not read in time, since the device was made.
     *
     * @param found the interface as it was found
     */
    long lost(Link found) throws LinuxException;

    /** Removes it; calls after the first do nothing. Belongs to the thread that reads and writes. */
    @Override
    void close();
}
