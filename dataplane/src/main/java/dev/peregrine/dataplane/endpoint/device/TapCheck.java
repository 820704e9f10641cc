package dev.peregrine.dataplane.endpoint.device;

import dev.peregrine.dataplane.header.TcpHeader;
import dev.peregrine.dataplane.linux.namespace.NetNamespace;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.linux.tun.TapOffload;
import dev.peregrine.dataplane.offload.Finding;
import dev.peregrine.dataplane.offload.KnownFrame;
import java.util.Collection;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Checks, before traffic flows, that the kernel's offloads do not change frames that cross a TAP device. In a private
 * network namespace, known frames go into one TAP device, over a bridge, and out of another, three times: cut by
 * ourselves on both sides; cut by the kernel; and cut by ourselves after the kernel has passed them whole. All three
 * must give the same bytes.
 *
 * <p>This tests the kernel's own code; the result holds for all TAP devices that it makes.
 */
public final class TapCheck {
    private static final Set<TapOffload> ALL = EnumSet.allOf(TapOffload.class);
    private static final Set<TapOffload> NONE = EnumSet.noneOf(TapOffload.class);

    private final Map<TapOffload, Finding> findings;

    private TapCheck(Map<TapOffload, Finding> findings) {
        this.findings = new EnumMap<>(findings);
    }

    /** Nothing compared, since nothing is to be used. */
    public static TapCheck none() {
        return all(new Finding(true, ""));
    }

    /** Checks every offload. Takes 0.1 to 0.4 seconds, half a second more where frames do not come through. */
    public static TapCheck run() {
        try {
            return NetNamespace.callInNew(TapCheck::compareAll);
        } catch (LinuxException refused) {
            return all(Finding.notMade(String.valueOf(refused.getMessage())));
        }
    }

    /** The same finding for all, as a stand-in. */
    static TapCheck all(Finding finding) {
        Map<TapOffload, Finding> findings = new EnumMap<>(TapOffload.class);
        ALL.forEach(offload -> findings.put(offload, finding));
        return new TapCheck(findings);
    }

    /** The finding about an offload. */
    public Finding finding(TapOffload offload) {
        return Objects.requireNonNull(findings.get(offload), "every offload has one");
    }

    /** Those that did not fail. */
    public Set<TapOffload> passed(Collection<TapOffload> wanted) {
        EnumSet<TapOffload> passed = EnumSet.noneOf(TapOffload.class);
        wanted.stream().filter(offload -> finding(offload).passed()).forEach(passed::add);
        return passed;
    }

    private static TapCheck compareAll() throws LinuxException {
        try (TapPair pair = TapPair.open()) {
            Map<TapOffload, Finding> findings = new EnumMap<>(TapOffload.class);
            for (TapOffload offload : TapOffload.values()) {
                findings.put(offload, compare(pair, frames(offload)));
            }
            return new TapCheck(findings);
        }
    }

    private static List<KnownFrame> frames(TapOffload offload) {
        return switch (offload) {
            case CHECKSUM -> List.of(KnownFrame.plain(false), KnownFrame.plain(true));
            case TSO4 -> List.of(KnownFrame.tcp(false, 0));
            case TSO6 -> List.of(KnownFrame.tcp(true, 0));
            case TSO_ECN -> List.of(KnownFrame.tcp(false, TcpHeader.CWR), KnownFrame.tcp(true, TcpHeader.CWR));
            case USO -> List.of(KnownFrame.udp(false), KnownFrame.udp(true));
        };
    }

    /** The first finding that is not good, else that of the last frame. */
    private static Finding compare(TapPair pair, List<KnownFrame> frames) throws LinuxException {
        Finding finding = Finding.same();
        for (KnownFrame frame : frames) {
            finding = compare(pair, frame);
            if (!finding.equals(Finding.same())) {
                return finding;
            }
        }
        return finding;
    }

    private static Finding compare(TapPair pair, KnownFrame frame) throws LinuxException {
        List<byte[]> plain = pair.carry(frame, NONE, NONE);
        if (plain.size() != frame.segments()) {
            return Finding.notMade("frames do not come through a bridge in a namespace of its own");
        }
        Finding in = Finding.of("frames to the workload", plain, pair.carry(frame, ALL, NONE));
        return in.passed() ? Finding.of("frames from the workload", plain, pair.carry(frame, ALL, ALL)) : in;
    }
}
