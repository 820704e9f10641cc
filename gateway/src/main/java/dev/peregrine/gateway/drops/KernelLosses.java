package dev.peregrine.gateway.drops;

import dev.peregrine.dataplane.linux.namespace.KernelCounters;
import dev.peregrine.dataplane.linux.netlink.Link;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.gateway.config.model.UnderlayConfig;
import dev.peregrine.gateway.control.report.StatusReport.KernelCounterRow;
import dev.peregrine.gateway.underlay.UnderlayInterface;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Datagrams that the kernel dropped before they came to a worker: at the underlay's sockets, at its interface, and in
 * the IP and UDP code between. Read when there is news of it, or somebody asks: an idle gateway is to cost next to
 * nothing. On the control thread.
 *
 * <p>Losses at the sockets are this gateway's and count as its drops. The other counts are those of the whole
 * network namespace or interface, and may be of other programs' packets; they are shown by their kernel names.
 */
public final class KernelLosses {
    private static final Logger log = LoggerFactory.getLogger(KernelLosses.class);

    /** Counters that are shown, and their texts; {@code %s} stands for nothing with IPv4 and for 6 with IPv6. */
    private static final Map<String, String> TEXTS = texts();

    /** Ticks from one look at the interface to the next: what it lost is not known any more once it is replaced. */
    private static final int LINK_TICKS = 5;

    private final UnderlayInterface underlay;
    private final String family;
    private final SocketDrops socketDrops = new SocketDrops();
    private final LinkLosses linkLosses = new LinkLosses();
    private final @Nullable KernelCounters atStart;
    private @Nullable KernelCounters now;
    private boolean told;
    private int ticks;

    private static Map<String, String> texts() {
        Map<String, String> texts = new LinkedHashMap<>();
        texts.put("Udp%sInCsumErrors", "UDP datagrams with a wrong checksum, to any socket here");
        String full = "UDP datagrams that found a socket's receive queue full; the underlay's are also listed as drops";
        texts.put("UdpRcvbufErrors", full);
        texts.put("Udp6RcvbufErrors", full);
        texts.put("Udp%sNoPorts", "UDP datagrams to a port that no socket here is bound to");
        texts.put("Ip%sReasmFails", "fragments that could not be put together");
        texts.put("Ip%sInDiscards", "IP packets that were dropped for want of memory");
        texts.put("TcpExtIPReversePathFilter", "IPv4 packets whose source the rp_filter setting refused");
        return texts;
    }

    /** Begins to count; the underlay's sockets must not be open yet. */
    public KernelLosses(UnderlayConfig config, UnderlayInterface underlay) {
        this.underlay = underlay;
        family = config.local() instanceof Inet6Address ? "6" : "";
        atStart = read();
        now = atStart;
        linkLosses.begin(link().orElse(null));
    }

    private @Nullable KernelCounters read() {
        try {
            return KernelCounters.read();
        } catch (IOException | NumberFormatException e) {
            if (!told) {
                log.warn(
                        "the kernel's counters of lost packets cannot be read, so status does not show them: {}",
                        e.toString());
            }
            told = true;
            return null;
        }
    }

    /**
     * Finds out why datagrams were dropped at the underlay's sockets, if there are more; about once a second.
     *
     * @param atSockets datagrams that the kernel dropped there since the start
     */
    void tick(long atSockets) {
        if (socketDrops.rose(atSockets)) {
            readCounters();
            String udp = "Udp" + family;
            long queueErrors = since(udp + "RcvbufErrors") + since(udp + "MemErrors");
            socketDrops.update(atSockets, queueErrors, since(udp + "InCsumErrors"));
        }
        if (++ticks % LINK_TICKS == 0) {
            link().ifPresent(linkLosses::update);
        }
    }

    private void readCounters() {
        KernelCounters next = atStart == null ? null : read();
        now = next == null ? now : next;
    }

    private long since(String counter) {
        return atStart == null || now == null ? 0 : now.value(counter) - atStart.value(counter);
    }

    /** Drops at the underlay's sockets by cause, as of the last tick. */
    SocketDrops atSockets() {
        return socketDrops;
    }

    /** The other losses since the start, as of now. */
    List<KernelCounterRow> rows() {
        readCounters();
        link().ifPresent(linkLosses::update);
        List<KernelCounterRow> rows = new ArrayList<>();
        TEXTS.forEach((pattern, text) -> {
            String counter = pattern.formatted(family);
            if (atStart != null && atStart.has(counter)) {
                rows.add(new KernelCounterRow(counter, since(counter), text));
            }
        });
        rows.addAll(linkLosses.rows());
        return rows;
    }

    private Optional<Link> link() {
        try {
            return underlay.find().filter(found -> !found.isLoopback());
        } catch (LinuxException | SocketException e) {
            log.debug("the underlay's interface: {}", e.getMessage());
            return Optional.empty();
        }
    }
}
