package dev.peregrine.gateway.doctor.network;

import dev.peregrine.dataplane.linux.socket.UdpSocket;
import dev.peregrine.gateway.doctor.check.Check;
import dev.peregrine.gateway.doctor.check.Finding;
import dev.peregrine.gateway.doctor.check.RunningGateway;
import dev.peregrine.gateway.doctor.check.Subject;
import dev.peregrine.gateway.doctor.check.Texts;
import dev.peregrine.vxlan.underlay.SendRoom;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;
import java.util.Optional;

/** The send buffers of the underlay's sockets. */
public final class SendBufferCheck implements Check {
    @Override
    public String name() {
        return "send-buffer";
    }

    @Override
    public String about() {
        return "The kernel grants send buffers in which VTEPs that are off take no room of others.";
    }

    @Override
    public Finding look(Subject subject) throws IOException {
        int wanted;
        int granted;
        Optional<RunningGateway> gateway = subject.gateway();
        if (gateway.isPresent()) {
            wanted = gateway.get().status().path("sendBufferWantedBytes").asInt();
            granted = gateway.get().status().path("sendBufferBytes").asInt();
        } else if (subject.local().isPresent()) {
            ProtocolFamily family = subject.local().get() instanceof Inet6Address
                    ? StandardProtocolFamily.INET6
                    : StandardProtocolFamily.INET;
            wanted = SendRoom.of(family).wanted(subject.vteps().size());
            try (UdpSocket socket = UdpSocket.open(family)) {
                granted = socket.sendBuffer(wanted);
            }
        } else {
            return Finding.skip("neither a gateway nor a configuration tells of VTEPs");
        }
        String found = Texts.kib(granted) + " of " + Texts.kib(wanted);
        return granted >= wanted
                ? Finding.ok(found)
                : Finding.warn(
                        found + ": VTEPs that do not answer may cost others datagrams",
                        "sysctl -w net.core.wmem_max=" + wanted + ", or run with CAP_NET_ADMIN");
    }
}
