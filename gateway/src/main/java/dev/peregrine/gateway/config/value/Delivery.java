package dev.peregrine.gateway.config.value;

import dev.peregrine.dataplane.linux.sys.AddressText;
import java.net.InetSocketAddress;
import java.nio.file.Path;

/** A local datagram socket that payloads are handed to. */
public sealed interface Delivery {
    /** The prefix of a Unix socket's path in the file. */
    String UNIX = "unix:";

    /** The prefix of a UDP socket's address in the file. */
    String UDP = "udp:";

    /** A Unix datagram socket, {@code unix:PATH}. */
    record UnixSocket(Path path) implements Delivery {
        @Override
        public String toString() {
            return UNIX + path;
        }
    }

    /** A UDP socket, {@code udp:ADDRESS:PORT}. */
    record UdpSocket(InetSocketAddress address) implements Delivery {
        @Override
        public String toString() {
            return UDP + AddressText.of(address);
        }
    }
}
