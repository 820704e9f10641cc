package dev.peregrine.vxlan.underlay;

import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.offload.Offload;
import dev.peregrine.vxlan.RemoteVtep;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An {@link Underlay} through UDP sockets, with its reports. Any thread may call the methods that report. */
public interface SocketUnderlay extends Underlay {
    /** The value of {@code underlay.mode} that selects this underlay. */
    String mode();

    /** The offloads, whether each is in use, and why; may change while packets are sent. */
    List<Offload> offloads();

    /** The last failure to receive, and how many there were; null when there was none. */
    @Nullable
    ReceiveFailure receiveFailure();

    /**
     * Whether receiving fails repeatedly. {@link #fd} should not be watched then, since it stays readable: the sockets
     * must be opened again, or tried again after a while with {@link #receiveAgain}.
     */
    boolean isBroken();

    /** Lets a broken underlay try to receive again. Called by the worker. */
    void receiveAgain();

    /** Datagrams, bytes and failures by remote VTEP. */
    VtepCounters vtepCounters();

    /** The size of the receive queue that the kernel granted, in bytes. */
    int receiveBufferBytes();

    /** The number of UDP source ports that flows are spread over. */
    int sourcePorts();

    /** Counts the datagrams that the kernel dropped since the last call. Called from time to time by the worker. */
    void countLosses() throws LinuxException;

    /**
     * The send buffer that each sending socket should have, in bytes: with less, VTEPs that do not answer may cost
     * others datagrams; see docs/adr/0013.
     */
    int sendBufferWantedBytes();

    /** The send buffer that the kernel granted, in the same terms. */
    int sendBufferBytes();

    /**
     * The UDP source port that a flow's datagrams to a VTEP are sent from, 1 to 65535; 0 while nothing is sent. Any
     * thread that opens and closes sockets, or the worker's.
     *
     * @param flowHash as packets have it
     */
    int sourcePort(int flowHash, RemoteVtep vtep) throws LinuxException;

    /** Tells of all datagrams that are received, or of none any more. Called by the worker, between batches. */
    default void announceTo(@Nullable Arrivals arrivals) {
        if (arrivals != null) {
            throw new UnsupportedOperationException(mode() + " does not tell of datagrams");
        }
    }

    /**
     * Counts ICMP errors about sent datagrams, adjusts send buffers and tries offloads again after a pause. Called by
     * the worker about once a second.
     */
    void tick() throws LinuxException;
}
