package dev.peregrine.gateway.doctor.network;

import dev.peregrine.dataplane.linux.socket.UdpSocket;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.gateway.config.model.GatewayConfig;
import dev.peregrine.gateway.doctor.check.Check;
import dev.peregrine.gateway.doctor.check.Finding;
import dev.peregrine.gateway.doctor.check.Subject;
import dev.peregrine.gateway.doctor.check.Texts;
import dev.peregrine.gateway.doctor.probe.Capability;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.util.Optional;

/** The receive buffer of the underlay's socket. */
public final class ReceiveBufferCheck implements Check {
    @Override
    public String name() {
        return "receive-buffer";
    }

    @Override
    public String about() {
        return "The kernel grants `underlay.receiveBuffer`: with less, bursts are lost as `UNDERLAY_RECEIVE_OVERFLOW`.";
    }

    @Override
    public Finding look(Subject subject) throws IOException {
        Optional<GatewayConfig> config = subject.config();
        if (config.isEmpty()) return Finding.skip("the size wanted is in the configuration");
        int wanted = (int) Math.min(config.get().underlay().receiveBufferBytes(), Integer.MAX_VALUE);
        Optional<Integer> limit = subject.files().number("proc/sys/net/core/rmem_max");
        boolean mayExceed = Capability.of(subject.files(), subject.process())
                .filter(held -> held.contains(Capability.CAP_NET_ADMIN))
                .isPresent();
        int granted = granted(wanted);
        if (!mayExceed && limit.isPresent()) granted = Math.min(wanted, limit.get());
        String found = Texts.kib(granted) + " of " + Texts.kib(wanted)
                + limit.map(bytes -> ", net.core.rmem_max " + Texts.kib(bytes)).orElse("");
        return granted >= wanted
                ? Finding.ok(found)
                : Finding.warn(
                        found + ": bursts are lost earlier",
                        "sysctl -w net.core.rmem_max=" + wanted + ", or run with CAP_NET_ADMIN");
    }

    /** By this process. */
    private static int granted(int wanted) throws LinuxException {
        try (UdpSocket socket = UdpSocket.open(StandardProtocolFamily.INET)) {
            return socket.receiveBuffer(wanted);
        }
    }
}
