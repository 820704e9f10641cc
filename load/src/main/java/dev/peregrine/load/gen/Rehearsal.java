package dev.peregrine.load.gen;

import dev.peregrine.dataplane.linux.socket.UdpAddress;
import dev.peregrine.dataplane.linux.socket.UdpSocket;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.function.BooleanSupplier;

/**
 * A run before the run, to a socket on the loopback interface that drops everything: it has the JVM compile the loop,
 * so that the first packets are on time too.
 */
final class Rehearsal {
    private static final double LEAST_PACKETS_PER_SECOND = 200_000;

    private Rehearsal() {}

    /** Rehearses for some seconds; does without where there is no loopback interface. */
    static void run(GenPlan plan, double seconds, BooleanSupplier stop) {
        InetAddress loopback = InetAddress.ofLiteral(plan.to().address() instanceof Inet6Address ? "::1" : "127.0.0.1");
        try (UdpSocket nowhere = nowhere(loopback);
                Generator generator =
                        new Generator(rehearsed(plan, UdpAddress.of(loopback, nowhere.localPort()), seconds), stop)) {
            generator.run();
        } catch (IOException noLoopback) {
            // The run itself reports any fault.
        }
    }

    private static UdpSocket nowhere(InetAddress loopback) throws LinuxException {
        UdpSocket socket = UdpSocket.open(UdpAddress.of(loopback, 0).family());
        try {
            socket.dropAll();
            socket.bind(loopback, 0);
            return socket;
        } catch (LinuxException failure) {
            socket.close();
            throw failure;
        }
    }

    private static GenPlan rehearsed(GenPlan plan, UdpAddress to, double seconds) {
        double rate = plan.packetsPerSecond() > 0 ? Math.max(plan.packetsPerSecond(), LEAST_PACKETS_PER_SECOND) : 0;
        return new GenPlan(
                to,
                null,
                plan.vni(),
                plan.destination(),
                plan.source(),
                plan.sizes(),
                rate,
                Long.MAX_VALUE,
                seconds,
                plan.flows(),
                plan.burst(),
                plan.churnPerSecond(),
                plan.malformedPercent(),
                plan.gso(),
                plan.ecn(),
                plan.seed(),
                plan.run());
    }
}
