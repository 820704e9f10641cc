package dev.peregrine.gateway.underlay;

import dev.peregrine.dataplane.linux.sys.Errno;
import dev.peregrine.gateway.port.LineRate;
import dev.peregrine.vxlan.RemoteVtep;
import dev.peregrine.vxlan.underlay.VtepCounters;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the log which datagrams the underlay refused or lost: each errno once for each VTEP with advice, as often as a
 * {@link LineRate} admits, and then a sum each minute while it goes on. Belongs to the control thread.
 */
public final class SendFailureLog {
    private static final Logger log = LoggerFactory.getLogger(SendFailureLog.class);
    private static final int ERRNOS = 134;
    private static final long SUM_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final Map<RemoteVtep, BitSet> told = new HashMap<>();
    private final LineRate rate;
    private long sumNanos;
    private int leftOut;
    private long failed;
    private String last = "";

    /** @param nowNanos the time, by the clock of the ticks */
    public SendFailureLog(long nowNanos) {
        rate = new LineRate(nowNanos);
        sumNanos = nowNanos;
    }

    /** More datagrams to a VTEP have failed on a lane whose counters these are. */
    void failed(RemoteVtep vtep, VtepCounters counters, long datagrams, long nowNanos) {
        BitSet known = told.computeIfAbsent(vtep, key -> new BitSet());
        failed += datagrams;
        last = Errno.name(counters.lastErrno(vtep.index())) + " to VTEP " + vtep;
        for (int errno = 1; errno < ERRNOS; errno++) {
            if (!known.get(errno) && counters.hasFailedWith(vtep.index(), errno)) {
                known.set(errno);
                tell(vtep, errno, nowNanos);
            }
        }
    }

    private void tell(RemoteVtep vtep, int errno, long nowNanos) {
        if (!rate.admits(nowNanos)) {
            leftOut++;
            return;
        }
        log.warn(
                "datagrams to VTEP {} are lost: {} ({}): {}",
                vtep,
                Errno.name(errno),
                Errno.text(errno),
                advice(errno));
    }

    /** Tells the sum when a minute is over. */
    void tick(long nowNanos) {
        if (nowNanos - sumNanos < SUM_NANOS) {
            return;
        }
        sumNanos = nowNanos;
        if (failed > 0) {
            log.warn(
                    "{} datagrams were refused or lost in the last minute, the last by {}{}: see peregrine vtep list",
                    failed,
                    last,
                    leftOut == 0 ? "" : ", " + leftOut + " VTEPs and errors not told one by one");
        }
        failed = 0;
        leftOut = 0;
    }

    /** Advice about an errno, without a full stop. */
    static String advice(int errno) {
        return switch (errno) {
            case Errno.EPERM, Errno.EACCES -> "does a firewall rule drop them on output (nft list ruleset)?";
            case Errno.ENETUNREACH -> "there is no route to it (ip route get): add one, or bring the interface up";
            case Errno.EHOSTUNREACH ->
                "nobody answers for its address, or for its next hop (ip neigh), or a router says so: is it up?";
            case Errno.ECONNREFUSED ->
                "the host is up, but nothing receives on this UDP port there: is its VTEP running?";
            case Errno.ENOPROTOOPT -> "the host is up, but says that it has no UDP";
            case Errno.EMSGSIZE -> "they are longer than the MTU of the path (ip route get): lower the MTU of the VNI";
            case Errno.ENODEV, Errno.ENXIO -> "the interface that they leave by is not there (ip link)";
            case Errno.ENETDOWN -> "the interface that they leave by is down (ip link)";
            case Errno.EADDRNOTAVAIL, Errno.EINVAL -> "is the local address still on an interface here (ip address)?";
            case Errno.ENOBUFS ->
                "the queue of the interface is full (tc -s qdisc, ip -s link): more is sent than it is shaped to";
            case Errno.EAGAIN -> "the send buffer is full: the interface is slower than what is sent";
            default -> "see ip route get and ip -s link";
        };
    }
}
