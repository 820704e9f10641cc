package dev.peregrine.gateway.underlay;

import dev.peregrine.dataplane.linux.netlink.InterfaceAddress;
import dev.peregrine.dataplane.linux.netlink.Link;
import dev.peregrine.dataplane.linux.netlink.Netlink;
import dev.peregrine.dataplane.linux.netlink.NetlinkEvent;
import dev.peregrine.dataplane.linux.sys.AddressText;
import dev.peregrine.dataplane.linux.sys.Errno;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.gateway.config.model.UnderlayConfig;
import dev.peregrine.gateway.worker.EventLoopLane;
import dev.peregrine.vxlan.underlay.socket.UnderlayPort;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the interface and the address that the underlay's sockets are bound to. The lanes have sockets while both can
 * be used, and none while not; when another interface takes the name, the sockets are opened again. Belongs to the
 * control thread.
 */
public final class UnderlayWatch {
    private static final Logger log = LoggerFactory.getLogger(UnderlayWatch.class);
    private static final int ANY_INTERFACE = 0;

    private final UnderlayConfig config;
    private final UnderlayPort port;
    private final List<EventLoopLane> lanes;
    private final CompletableFuture<Void> ready = new CompletableFuture<>();

    /** Any thread may read it. */
    private volatile @Nullable String reason = "not tried yet";

    private int boundTo = ANY_INTERFACE;
    private boolean lookAgain;

    /** How the underlay stands: the interface to bind to, or why there cannot be sockets now. */
    private record Standing(int index, @Nullable String obstacle) {
        static Standing waiting(String obstacle) {
            return new Standing(ANY_INTERFACE, obstacle);
        }
    }

    /** Watches the underlay of these lanes; nothing is done before it begins. */
    public UnderlayWatch(UnderlayConfig config, UnderlayPort port, List<EventLoopLane> lanes) {
        this.config = config;
        this.port = port;
        this.lanes = lanes;
    }

    /** Whether there are sockets. */
    public boolean isUp() {
        return reason == null;
    }

    /** The interface or address that is waited for; null without one. Any thread may ask. */
    public @Nullable String reason() {
        return reason;
    }

    /** Completes when traffic flows for the first time, on the control thread. */
    public CompletableFuture<Void> ready() {
        return ready;
    }

    /**
     * Opens the lanes' sockets, or waits until that is possible.
     *
     * @throws IOException when waiting would not help
     */
    public void begin() throws IOException {
        look();
    }

    /** The lanes receive from now on. */
    public void started() {
        if (isUp()) {
            ready.complete(null);
        }
    }

    /** Looks again where an event says so. */
    public void heard(List<NetlinkEvent> events) {
        if (events.stream().anyMatch(NetlinkEvent::isOwnInterface)) {
            follow();
        }
    }

    /** Tries again what was refused; called about once a second. */
    public void tick() {
        if (!isUp() || lookAgain) {
            follow();
        }
    }

    /** A look that fails while there are sockets leaves them as they are. */
    private void follow() {
        boolean wasUp = isUp();
        try {
            look();
            lookAgain = false;
        } catch (IOException e) {
            if (wasUp && isUp()) {
                log.warn("whether the underlay is still there cannot be told: {}", e.getMessage());
            } else {
                await(String.valueOf(e.getMessage()));
            }
            lookAgain = true;
        }
        started();
    }

    private void look() throws IOException {
        Standing now = stand();
        if (now.obstacle == null && isUp() && now.index == boundTo) {
            return;
        }
        if (isUp()) {
            closeAll();
        }
        if (now.obstacle != null) {
            await(now.obstacle);
            return;
        }
        if (isUp()) {
            await("interface " + device() + " was replaced, and sockets are opened anew");
        }
        open(now.index);
    }

    private Standing stand() throws LinuxException {
        try (Netlink netlink = Netlink.open()) {
            int index = ANY_INTERFACE;
            if (config.device().isPresent()) {
                Optional<Link> link = netlink.link(device());
                if (link.isEmpty()) {
                    return Standing.waiting("there is no interface " + device() + " here (underlay.device)");
                }
                if (!link.get().isUp()) {
                    return Standing.waiting(isDown(device()));
                }
                index = link.get().index();
            }
            try {
                port.tryAddress();
                return new Standing(index, null);
            } catch (LinuxException e) {
                if (!isPassing(e)) {
                    throw e;
                }
                return Standing.waiting(obstacle(netlink));
            }
        }
    }

    private String device() {
        return config.device().orElse("");
    }

    private static String isDown(String device) {
        return "interface " + device + " is down: ip link set " + device + " up";
    }

    /** A request that is refused so is likely to be granted later. */
    private static boolean isPassing(LinuxException e) {
        return e.errno() == Errno.EADDRNOTAVAIL || e.errno() == Errno.ENODEV;
    }

    /** Why the address cannot be bound to. */
    private String obstacle(Netlink netlink) throws LinuxException {
        String text = AddressText.of(config.local());
        for (InterfaceAddress address : netlink.addresses()) {
            if (!address.address().equals(config.local())) {
                continue;
            }
            String device = netlink.links().stream()
                    .filter(link -> link.index() == address.index())
                    .map(Link::name)
                    .findFirst()
                    .orElse("?");
            if (address.isDuplicate()) {
                return "another host has " + text + " too, as duplicate address detection on " + device + " found";
            }
            if (address.isTentative()) {
                return text + " on " + device + " is tentative: duplicate address detection has not ended";
            }
            return isDown(device) + ", as it has " + text;
        }
        return "no interface here has the address " + text
                + " (underlay.local): give it to one, or run in the namespace that has it";
    }

    private void open(int index) throws IOException {
        try {
            for (EventLoopLane lane : lanes) {
                lane.openUnderlay(port);
            }
        } catch (LinuxException e) {
            closeAll();
            if (!isPassing(e)) {
                throw e;
            }
            await(String.valueOf(e.getMessage()));
            return;
        } catch (IOException | RuntimeException e) {
            closeAll();
            throw e;
        }
        boundTo = index;
        reason = null;
        log.info("underlay {} port {} is up", AddressText.of(config.local()), config.port());
    }

    private void await(String why) {
        if (!Objects.equals(reason, why)) {
            log.warn("waiting for the underlay: {}", why);
        }
        reason = why;
    }

    /** While there are none, frames to remote VTEPs are counted as dropped. */
    private void closeAll() {
        for (EventLoopLane lane : lanes) {
            lane.closeUnderlay();
        }
    }
}
