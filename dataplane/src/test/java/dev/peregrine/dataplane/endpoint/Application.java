package dev.peregrine.dataplane.endpoint;

import dev.peregrine.dataplane.linux.socket.DatagramAddress;
import dev.peregrine.dataplane.linux.socket.UdpAddress;
import dev.peregrine.dataplane.testing.UnixApplication;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The application behind a socket port: it answers whom it heard last. */
public interface Application extends AutoCloseable {
    DatagramAddress address();

    /** The datagram that waits, or null. */
    byte @Nullable [] receive();

    /** The sender of the last datagram. */
    String sender();

    void send(byte[] datagram);

    @Override
    void close();

    static Application unix(Path path) {
        UnixApplication application = new UnixApplication(path);
        return new Application() {
            @Override
            public DatagramAddress address() {
                return DatagramAddress.unix(path);
            }

            @Override
            public byte @Nullable [] receive() {
                return application.receive();
            }

            @Override
            public String sender() {
                return application.sender();
            }

            @Override
            public void send(byte[] datagram) {
                application.send(datagram);
            }

            @Override
            public void close() {
                application.close();
            }
        };
    }

    /** On a port of the loopback interface; 0 for a free one. */
    static Application udp(int port) {
        try {
            return new UdpApplication(port);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    final class UdpApplication implements Application {
        private final DatagramChannel channel = DatagramChannel.open();
        private final ByteBuffer buffer = ByteBuffer.allocate(70_000);
        private @Nullable SocketAddress sender;

        private UdpApplication(int port) throws IOException {
            channel.bind(new InetSocketAddress(Frames.ip("127.0.0.1"), port)).configureBlocking(false);
        }

        @Override
        public DatagramAddress address() {
            try {
                InetSocketAddress local = (InetSocketAddress) channel.getLocalAddress();
                return DatagramAddress.udp(UdpAddress.of(local.getAddress(), local.getPort()));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public byte @Nullable [] receive() {
            try {
                SocketAddress from = channel.receive(buffer.clear());
                if (from == null) {
                    return null;
                }
                sender = from;
                byte[] datagram = new byte[buffer.flip().remaining()];
                buffer.get(datagram);
                return datagram;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public String sender() {
            return Objects.toString(sender);
        }

        @Override
        public void send(byte[] datagram) {
            try {
                channel.send(ByteBuffer.wrap(datagram), Objects.requireNonNull(sender, "heard nobody"));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void close() {
            try {
                channel.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
