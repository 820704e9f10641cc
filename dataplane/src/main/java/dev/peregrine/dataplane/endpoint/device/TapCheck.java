package dev.peregrine.dataplane.endpoint.device;

import dev.peregrine.dataplane.header.TcpHeader;
import dev.peregrine.dataplane.linux.namespace.NetNamespace;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.linux.tun.TapOffload;
import dev.peregrine.dataplane.offload.ProbeAttempt;
import dev.peregrine.dataplane.offload.ProbeFrame;
import dev.peregrine.dataplane.offload.ProbeResult;
import java.util.Collection;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

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

    private final Map<TapOffload, ProbeResult> findings;

    private TapCheck(Map<TapOffload, ProbeResult> findings) {
        this.findings = new EnumMap<>(findings);
    }

    /** Nothing compared, since nothing is to be used. */
    public static TapCheck none() {
        return all(new ProbeResult(true, ""));
    }

    /** Checks every offload. Takes 0.1 to 0.4 seconds, half a second more where frames do not come through. */
    public static TapCheck run() {
        return begin().join();
    }

    /**
     * As {@link #run}, on a thread of its own. The result is there before the kernel has removed the devices, which
     * takes it as long as the check.
     */
    public static CompletableFuture<TapCheck> begin() {
        CompletableFuture<TapCheck> check = new CompletableFuture<>();
        Thread.ofPlatform().name("tap-check").daemon().start(() -> check(check));
        return check;
    }

    private static void check(CompletableFuture<TapCheck> check) {
        try {
            NetNamespace.callInNew(() -> compareAll(check));
        } catch (LinuxException refused) {
            check.complete(all(ProbeResult.notMade(String.valueOf(refused.getMessage()))));
        } catch (Throwable fault) {
            check.completeExceptionally(fault);
        }
    }

    /** The same result for all, as a stand-in. */
    static TapCheck all(ProbeResult result) {
        Map<TapOffload, ProbeResult> findings = new EnumMap<>(TapOffload.class);
        ALL.forEach(offload -> findings.put(offload, result));
        return new TapCheck(findings);
    }

    /** The result for an offload. */
    public ProbeResult result(TapOffload offload) {
        return Objects.requireNonNull(findings.get(offload), "every offload has one");
    }

    /** Those that did not fail. */
    public Set<TapOffload> passed(Collection<TapOffload> wanted) {
        EnumSet<TapOffload> passed = EnumSet.noneOf(TapOffload.class);
        wanted.stream().filter(offload -> result(offload).passed()).forEach(passed::add);
        return passed;
    }

    private static boolean compareAll(CompletableFuture<TapCheck> check) throws LinuxException {
        try (TapPair pair = TapPair.open()) {
            Map<TapOffload, ProbeResult> findings = new EnumMap<>(TapOffload.class);
            for (TapOffload offload : TapOffload.values()) {
                findings.put(offload, compare(pair, frames(offload)));
            }
            return check.complete(new TapCheck(findings));
        }
    }

    private static List<ProbeFrame> frames(TapOffload offload) {
        return switch (offload) {
            case CHECKSUM -> List.of(ProbeFrame.plain(false), ProbeFrame.plain(true));
            case TSO4 -> List.of(ProbeFrame.tcp(false, 0));
            case TSO6 -> List.of(ProbeFrame.tcp(true, 0));
            case TSO_ECN -> List.of(ProbeFrame.tcp(false, TcpHeader.CWR), ProbeFrame.tcp(true, TcpHeader.CWR));
            case USO -> List.of(ProbeFrame.udp(false), ProbeFrame.udp(true));
        };
    }

    /** The first result that is not good, else that of the last frame. */
    private static ProbeResult compare(TapPair pair, List<ProbeFrame> frames) throws LinuxException {
        ProbeResult result = ProbeResult.same();
        for (ProbeFrame frame : frames) {
            result = compare(pair, frame);
            if (!result.equals(ProbeResult.same())) {
                return result;
            }
        }
        return result;
    }

    private static ProbeResult compare(TapPair pair, ProbeFrame frame) throws LinuxException {
        ProbeAttempt<LinuxException> plainly = () -> pair.carry(frame, NONE, NONE);
        List<byte[]> plain = plainly.carryUntil(segments -> segments.size() == frame.segments());
        if (plain.size() != frame.segments()) {
            return ProbeResult.notMade("frames do not come through a bridge in a namespace of its own");
        }
        ProbeResult in = ProbeResult.of("frames to the workload", plain, () -> pair.carry(frame, ALL, NONE));
        return in.passed() ? ProbeResult.of("frames from the workload", plain, () -> pair.carry(frame, ALL, ALL)) : in;
    }
}
