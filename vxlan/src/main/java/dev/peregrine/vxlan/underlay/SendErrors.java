package dev.peregrine.vxlan.underlay;

import dev.peregrine.dataplane.linux.socket.ErrorVector;
import dev.peregrine.dataplane.linux.socket.UdpSocket;
import dev.peregrine.dataplane.linux.sys.Errno;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.vxlan.IpAddress;
import dev.peregrine.vxlan.RemoteVtep;
import dev.peregrine.vxlan.VtepTable;
import java.net.InetAddress;

/**
 * The ledger of datagrams that were not sent, or were lost after the kernel had taken them: drop counters, and errors
 * by VTEP. Belongs to one worker.
 */
public final class SendErrors implements AutoCloseable {
    /** The most errors taken from an error queue at once; the rest waits for the next call. */
    private static final int MOST_TAKEN = 64;

    private final VtepTable vteps;
    private final long localHigh;
    private final long localLow;
    private final DropCounters drops;
    private final VtepCounters counters;
    private final ErrorVector errors = new ErrorVector(MOST_TAKEN);

    /** @param local this VTEP's address */
    public SendErrors(VtepTable vteps, InetAddress local, DropCounters drops, VtepCounters counters) {
        this.vteps = vteps;
        IpAddress address = IpAddress.of(local);
        localHigh = address.high();
        localLow = address.low();
        this.drops = drops;
        this.counters = counters;
    }

    /** Counts datagrams that the kernel did not take. */
    public void refused(int errno, RemoteVtep vtep, int datagrams) {
        DropReason reason = reason(errno);
        drops.add(reason, datagrams);
        drops.note(reason, vtep.port(), errno);
        counters.failed(vtep.index(), errno, datagrams);
        note(errno, vtep);
    }

    /** Shows a packet of which datagrams were refused, and counted. */
    public void show(int errno, Packet packet) {
        drops.show(null, packet, reason(errno));
    }

    private static DropReason reason(int errno) {
        boolean isFull = errno == Errno.EAGAIN || errno == Errno.ENOBUFS || errno == Errno.EINTR;
        return isFull ? DropReason.UNDERLAY_FULL : DropReason.UNDERLAY_REFUSED;
    }

    private static void note(int errno, RemoteVtep vtep) {
        if (errno == Errno.EMSGSIZE) {
            vtep.refuseTooLong();
        }
    }

    /**
     * Takes the errors in a socket's error queue and counts each with the VTEP that it is about.
     *
     * @return whether an ICMP error was there: the last send, to another destination, may then have failed with it
     */
    public boolean take(UdpSocket socket) {
        boolean isIcmp = false;
        int taken = errors.take(socket);
        for (int i = 0; i < taken; i++) {
            if (errors.isIcmp(i)) {
                isIcmp = true;
                count(i);
            }
        }
        return isIcmp;
    }

    /** One ICMP error is about one message; it does not say how many datagrams of {@code UDP_SEGMENT} that was. */
    private void count(int error) {
        RemoteVtep vtep = vteps.find(errors.destinationHigh(error), errors.destinationLow(error));
        if (vtep == null || isOfOurFirewall(error)) {
            return;
        }
        drops.add(DropReason.UNDERLAY_UNREACHABLE, 1);
        drops.note(DropReason.UNDERLAY_UNREACHABLE, vtep.port(), errors.errno(error));
        counters.unreachable(vtep.index(), errors.errno(error));
        note(errors.errno(error), vtep);
    }

    /**
     * A firewall that rejects at output sends ICMP from our own address and makes the send fail, which was counted. The
     * report that no neighbour answered for the next hop also comes from our own address; the kernel had taken those
     * datagrams.
     */
    private boolean isOfOurFirewall(int error) {
        boolean isLocal = errors.offenderHigh(error) == localHigh && errors.offenderLow(error) == localLow;
        boolean isToLocal = errors.destinationHigh(error) == localHigh && errors.destinationLow(error) == localLow;
        return isLocal && !isToLocal && errors.errno(error) != Errno.EHOSTUNREACH;
    }

    @Override
    public void close() {
        errors.close();
    }
}
