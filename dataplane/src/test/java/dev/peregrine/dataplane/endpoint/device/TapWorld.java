package dev.peregrine.dataplane.endpoint.device;

import dev.peregrine.dataplane.endpoint.Endpoint;
import dev.peregrine.dataplane.endpoint.EndpointContract;
import dev.peregrine.dataplane.endpoint.Frames;
import dev.peregrine.dataplane.linux.sys.AddressText;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.linux.sys.Prefix;
import dev.peregrine.dataplane.linux.tun.Tap;
import dev.peregrine.dataplane.linux.tun.TapBuilder;
import dev.peregrine.dataplane.linux.tun.TapOffload;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.testing.live.Live;
import dev.peregrine.dataplane.testing.live.Namespace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.nio.channels.DatagramChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.EnumSet;
import java.util.concurrent.Callable;

/**
 * A TAP device in a namespace of its own, with a UDP socket behind it. Neighbours are static, so that without IPv6
 * nothing comes out but what a test provokes.
 */
public final class TapWorld extends DatagramWorld {
    public static final Frames.Host OUTSIDE = new Frames.Host(0x0200_0000_0001L, "198.19.0.1", 9_001);
    public static final Frames.Host INSIDE = new Frames.Host(0x0200_0000_0002L, "198.19.0.2", 9_000);
    static final Frames.Host OUTSIDE6 = new Frames.Host(OUTSIDE.mac(), "fd00:19::1", 9_001);
    static final Frames.Host INSIDE6 = new Frames.Host(INSIDE.mac(), "fd00:19::2", 9_000);
    static final int MTU = 1_450;

    /** Of the namespace that the writing thread is in; for devices made later. */
    private static final Path NO_IPV6 = Path.of("/proc/sys/net/ipv6/conf/default/disable_ipv6");

    static {
        // The JDK keeps a pair of sockets from where it first used channels: not to be a namespace that ends.
        try {
            DatagramChannel.open().close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    final Namespace live = Live.tapNamespace();
    final Tap tap;
    public final TapEndpoint endpoint;
    private final DatagramChannel channel;

    /** Whether to use IPv6: no and yes; only no, and says so, where the JDK's sockets cannot. */
    static boolean[] families() {
        try {
            DatagramChannel.open(StandardProtocolFamily.INET6).close();
            return new boolean[] {false, true};
        } catch (UnsupportedOperationException e) {
            System.err.println("SKIPPED IPv6 in tests of TAP endpoints: this JDK finds none (is the loopback up?)");
            return new boolean[] {false};
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** With IPv4 only, and all offloads. */
    TapWorld(PacketPool pool, DropCounters drops) throws LinuxException {
        this(pool, drops, false, EnumSet.allOf(TapOffload.class));
    }

    public TapWorld(PacketPool pool, DropCounters drops, boolean ipv6, Collection<TapOffload> offloads)
            throws LinuxException {
        if (!ipv6) {
            inside(TapWorld::disableIpv6);
        }
        TapBuilder builder = TapBuilder.named("eth0")
                .in(live.netNamespace())
                .mac(INSIDE.mac())
                .mtu(MTU)
                .maxSegments(TapEndpoint.MAX_SEGMENTS)
                .offloads(offloads)
                .address(new Prefix(INSIDE.address(), 24));
        tap = (ipv6 ? builder.address(new Prefix(INSIDE6.address(), 64)) : builder).open();
        addNeighbour(OUTSIDE);
        if (ipv6) {
            addNeighbour(OUTSIDE6);
        }
        endpoint = new TapEndpoint(tap, 0, TapCheck.none(), pool, drops);
        channel = bind(inside(DatagramChannel::open));
    }

    /** In the namespace of the calling thread, for devices made later. */
    static Path disableIpv6() throws IOException {
        return Files.writeString(NO_IPV6, "1");
    }

    private void addNeighbour(Frames.Host host) {
        String address = AddressText.of(host.address());
        live.ip("neigh add " + address + " lladdr 02:00:00:00:00:01 dev eth0");
    }

    /** Makes something, a socket for one, in the namespace. */
    public <T> T inside(Callable<T> action) throws LinuxException {
        return live.inside(action);
    }

    @Override
    DatagramChannel channel() {
        return channel;
    }

    @Override
    public Endpoint endpoint() {
        return endpoint;
    }

    @Override
    public boolean takeAway() {
        closeChannel(); // It would keep the namespace alive.
        live.delete();
        EndpointContract.await("the end of the device", tap::gone);
        return true;
    }

    @Override
    public void close() {
        closeChannel();
        endpoint.close();
        tap.close();
        live.close();
    }
}
