package dev.peregrine.testkit;

import dev.peregrine.vxlan.IpAddress;
import dev.peregrine.vxlan.VtepTable;
import dev.peregrine.vxlan.underlay.Underlay;
import dev.peregrine.vxlan.underlay.UnderlaySettings;
import dev.peregrine.vxlan.underlay.socket.UnderlayPort;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** An underlay over loopback addresses of this process's own, with plain sockets as the others. */
final class SocketUnderlayWorld implements UnderlayContract.World {
    private static final int SLOT = (int) (ProcessHandle.current().pid() % 250);

    private final InetSocketAddress local;
    private final DatagramChannel remote;
    private final DatagramChannel stranger;
    private final UnderlayPort port;
    private final Underlay underlay;
    private final int tunnel;
    private final ByteBuffer buffer = ByteBuffer.allocate(70_000);

    /** Opens one worker's end of the claimed port. */
    @FunctionalInterface
    interface Opener {
        Underlay open(UnderlayPort port) throws IOException;
    }

    SocketUnderlayWorld(VtepTable vteps, Opener opener) throws IOException {
        Function<Integer, InetSocketAddress> host = number -> new InetSocketAddress(
                InetAddress.ofLiteral("127.77." + SLOT + "." + number), UnderlayContract.UDP_PORT);
        local = host.apply(1);
        remote = DatagramChannel.open().bind(host.apply(2));
        stranger = DatagramChannel.open().bind(host.apply(3));
        remote.configureBlocking(false);
        tunnel = UnderlayContract.present(
                        vteps.configure(IpAddress.of(host.apply(2).getAddress())))
                .port();
        port = UnderlayPort.claim(UnderlaySettings.of(local.getAddress(), local.getPort()), vteps, 1);
        try {
            underlay = opener.open(port);
        } catch (IOException | RuntimeException | Error e) {
            port.close();
            remote.close();
            stranger.close();
            throw e;
        }
    }

    @Override
    public Underlay underlay() {
        return underlay;
    }

    @Override
    public int tunnel() {
        return tunnel;
    }

    private void send(DatagramChannel from, byte[] payload) {
        try {
            from.send(ByteBuffer.wrap(payload), local);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void send(byte[] payload) {
        send(remote, payload);
    }

    @Override
    public void sendAsStranger(byte[] payload) {
        send(stranger, payload);
    }

    @Override
    public UnderlayContract.@Nullable Arrival arrival() {
        try {
            if (!(remote.receive(buffer.clear()) instanceof InetSocketAddress from)) {
                return null;
            }
            byte[] payload = new byte[buffer.flip().remaining()];
            buffer.get(payload);
            return new UnderlayContract.Arrival(from.getPort(), payload);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        underlay.close();
        port.close();
        try {
            remote.close();
            stranger.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
