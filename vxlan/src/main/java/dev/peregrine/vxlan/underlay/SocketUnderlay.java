package dev.peregrine.vxlan.underlay;

import dev.peregrine.dataplane.linux.LinuxException;
import dev.peregrine.dataplane.offload.Offload;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An {@link Underlay} through UDP sockets, and what it tells of itself. The methods that report may be called by any thread. */
public interface SocketUnderlay extends Underlay {
    /** The configuration's word for how the sockets are driven. */
    String mode();

    /** Which offloads are in use, and why; may change while packets are sent. */
    List<Offload> offloads();

    /** The last failure to receive, and how many there were; null when there was none. */
    @Nullable
    ReceiveFailure receiveFailure();

    /**
     * Whether receiving fails again and again. {@link #fd} should not be watched then, since it stays readable: the
     * sockets have to be opened anew, or tried again after a while with {@link #receiveAgain}.
     */
    boolean isBroken();

    /** Lets a broken underlay try to receive again. Called by the worker. */
    void receiveAgain();

    /** Datagrams and bytes by remote VTEP, and what failed. */
    VtepCounters vtepCounters();

    /** The size of the receive queue that the kernel granted, in bytes. */
    int receiveBufferBytes();

    /** How many UDP source ports flows are spread over. */
    int sourcePorts();

    /** Counts the datagrams that the kernel dropped since the last call. Called now and then by the worker. */
    void countLosses() throws LinuxException;

    /**
     * The send buffer that each sending socket should have, in bytes: with less, VTEPs that do not answer may cost others; see
     * docs/adr/0013.
     */
    int sendBufferWantedBytes();

    /** The send buffer that the kernel granted, in the same terms. */
    int sendBufferBytes();

    /**
     * About a second has passed: counts what ICMP errors tell of sent datagrams, sees to send buffers and tries again what was
     * given up for a while. Called by the worker.
     */
    void tick() throws LinuxException;
}
