package dev.peregrine.bench.wire.lab;

import java.io.IOException;
import java.util.Map;

/** The running part of a contender on host B. It is paused while others are measured, so that it costs them nothing. */
public interface Installation extends AutoCloseable {
    /** Lets it run. */
    default void resume() {}

    /** Stops it where it is; sockets and devices stay. */
    default void pause() {}

    /**
     * Packets that it has dropped so far, by its reasons, and those {@code received}, if it reports them. It must run.
     */
    default Map<String, Long> counters() throws IOException {
        return Map.of();
    }

    /** Ends it. */
    @Override
    default void close() {}

    /** Makes the lab and installs a contender there. */
    static Installation install(Contender contender, Lab lab, Placement placement, Checkouts checkouts)
            throws IOException {
        lab.up(contender.kind() == Contender.Kind.KERNEL);
        return switch (contender) {
            case HOST, KERNEL -> new Installation() {};
            case KERNEL_TUNED -> {
                lab.on("hB").output("ethtool", "-K", "uB", "rx-udp-gro-forwarding", "on");
                yield new Installation() {};
            }
            case KERNEL_STEERED -> {
                steer(lab, "uB", placement.gatewayCpu());
                steer(lab, "vxlan" + Lab.VNI, placement.senderCpu());
                yield new Installation() {};
            }
            case OVS -> SwitchInstallation.start(lab);
            default -> Gateway.start(contender, lab, placement, checkouts.program(contender));
        };
    }

    /** Makes the kernel process the frames that a device receives on one core (RPS). */
    private static void steer(Lab lab, String device, int cpu) {
        String mask = Long.toHexString(1L << cpu);
        lab.on("hB").write("/sys/class/net/%s/queues/rx-0/rps_cpus".formatted(device), mask);
    }
}
