package dev.peregrine.gateway.tier;

import dev.peregrine.dataplane.bpf.BpfSupport;
import dev.peregrine.dataplane.linux.netlink.Link;
import dev.peregrine.dataplane.linux.netlink.NetlinkEvent;
import dev.peregrine.dataplane.linux.sys.Errno;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.fastpath.kernel.SelfTest;
import dev.peregrine.fastpath.kernel.TunnelEnd;
import dev.peregrine.gateway.config.model.FastpathConfig.HelperMode;
import dev.peregrine.gateway.config.model.FastpathConfig.Kernel;
import dev.peregrine.gateway.config.model.GatewayConfig;
import dev.peregrine.gateway.config.model.UnderlayConfig;
import dev.peregrine.gateway.underlay.UnderlayInterface;
import dev.peregrine.vxlan.underlay.socket.UnderlayPort;
import java.net.Inet4Address;
import java.net.SocketException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether this gateway has a {@link HelperDevice}, which is decided once, before it has sockets: they are bound to
 * another port where there is one. Belongs to the control thread.
 */
public final class HelperChoice implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(HelperChoice.class);

    private final @Nullable HelperDevice device;
    private final @Nullable String reason;

    private HelperChoice(@Nullable HelperDevice device, @Nullable String reason) {
        this.device = device;
        this.reason = reason;
    }

    /** Makes the device where it is wanted and can be had; removes the one that a killed gateway left, in any case. */
    public static HelperChoice begin(GatewayConfig config, UnderlayInterface underlay) {
        int port = config.underlay().port();
        try {
            if (HelperDevice.removeStale(port)) {
                log.info("the helper device that an earlier gateway left behind is removed");
            }
            String obstacle = obstacle(config);
            Optional<Link> found = obstacle == null ? underlay.find() : Optional.empty();
            if (obstacle == null) {
                obstacle = obstacle(found);
            }
            if (obstacle != null || found.isEmpty()) {
                return new HelperChoice(null, obstacle);
            }
            return open(KernelTier.end(config.underlay()), underlay, found.get());
        } catch (LinuxException | SocketException e) {
            log.info("superframes from the tunnel go through the gateway: {}", e.getMessage());
            return new HelperChoice(null, e.getMessage());
        }
    }

    private static HelperChoice open(TunnelEnd end, UnderlayInterface underlay, Link now) throws LinuxException {
        HelperDevice made = HelperDevice.open(end, underlay, now);
        Optional<String> failure;
        try {
            failure = SelfTest.failureWithHelper(end);
        } catch (RuntimeException | Error e) {
            made.close();
            throw e;
        }
        if (failure.isEmpty()) {
            log.info("the helper device {} has UDP port {}", made.name(), end.port());
            return new HelperChoice(made, null);
        }
        made.close();
        return new HelperChoice(null, "this kernel does not run the programs as they are meant: " + failure.get());
    }

    private static @Nullable String obstacle(GatewayConfig config) {
        UnderlayConfig underlay = config.underlay();
        if (config.fastpath().kernel() == Kernel.OFF) {
            return "fastpath.kernel is off";
        }
        if (config.fastpath().helper() == HelperMode.OFF) {
            return "fastpath.helper is off";
        }
        if (underlay.mode() == UnderlayConfig.Mode.NETTY) {
            return "underlay.mode is not native";
        }
        if (!(underlay.local() instanceof Inet4Address)) {
            return "the underlay is IPv6";
        }
        if (!underlay.settings().gro()) {
            return "underlay.gro is off";
        }
        BpfSupport bpf = BpfSupport.probe();
        return bpf.isComplete() ? null : bpf.programs().isEmpty() ? bpf.tcx() : bpf.programs();
    }

    private static @Nullable String obstacle(Optional<Link> underlay) {
        if (underlay.isEmpty()) {
            return "when the gateway started, no interface had underlay.local";
        }
        // Datagrams come in by others then, where no program gives them to the gateway.
        boolean isVirtual = underlay.get().isLoopback() || underlay.get().kind().equals("dummy");
        return isVirtual ? "the underlay's interface " + underlay.get().name() + " receives nothing itself" : null;
    }

    /** For the gateway's sockets; empty where they have the port. */
    public Optional<UnderlayPort.Redirect> redirect() {
        return Optional.ofNullable(device);
    }

    /** Looks again where datagrams come in, if an event may concern that. */
    public void heard(List<NetlinkEvent> events) {
        if (device == null || events.stream().noneMatch(NetlinkEvent::isOwnInterface)) {
            return;
        }
        try {
            device.follow();
        } catch (LinuxException e) {
            if (e.errno() != Errno.ENODEV) { // the underlay waits for its interface, and says so
                log.warn("datagrams do not reach the gateway's sockets: {}", e.getMessage());
            }
        }
    }

    /** The device; null for none. */
    @Nullable
    HelperDevice device() {
        return device;
    }

    /** The device's, as {@code ip link} shows it; null for none. */
    @Nullable
    String name() {
        return device == null ? null : device.name();
    }

    /** Why there is none, for users; null where there is one. */
    @Nullable
    String reason() {
        return reason;
    }

    @Override
    public void close() {
        if (device != null) {
            device.close();
        }
    }
}
