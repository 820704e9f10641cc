package dev.peregrine.gateway.underlay;

import dev.peregrine.dataplane.linux.netlink.NetlinkEvent;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.gateway.config.model.GatewayConfig;
import dev.peregrine.gateway.port.LocalPort;
import dev.peregrine.gateway.port.Segments;
import dev.peregrine.gateway.port.Tables;
import dev.peregrine.vxlan.Segment;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows what routes and interfaces of the underlay carry. A VNI with {@code mtu: auto} and its ports take it over; of
 * one with an MTU of its own the log tells when that does not fit any more. Belongs to the control thread.
 */
public final class SegmentMtus {
    private static final Logger log = LoggerFactory.getLogger(SegmentMtus.class);

    private final Supplier<GatewayConfig> config;
    private final Segments segments;
    private final Tables tables;
    private final List<LocalPort> ports;
    private final Set<Integer> tooLarge = new HashSet<>();
    private boolean isStale = true;

    /**
     * The MTUs of all segments, of which these ports are told.
     *
     * @param config as it is now
     */
    public SegmentMtus(Supplier<GatewayConfig> config, Segments segments, Tables tables, List<LocalPort> ports) {
        this.config = config;
        this.segments = segments;
        this.tables = tables;
        this.ports = ports;
    }

    /** Notes what may have changed the way to VTEPs. */
    public void heard(List<NetlinkEvent> events) {
        isStale |= events.stream()
                .anyMatch(event -> event.isOwn()
                        && switch (event.kind()) {
                            case LINK, ADDRESS, ROUTE, OVERRUN -> true;
                            case NAMESPACE -> false;
                        });
    }

    /** Asks the kernel, if there was news; called about once a second, since there may be many VTEPs and much news. */
    public void tick() {
        if (!isStale) {
            return;
        }
        isStale = false;
        try {
            follow(UnderlayMtu.measure(config.get()));
        } catch (LinuxException e) {
            isStale = true;
            log.debug("the MTU of the underlay: {}", e.getMessage());
        }
    }

    /** Looks again at the next tick: VNIs or their VTEPs have changed. */
    public void changed() {
        isStale = true;
    }

    private void follow(Map<Integer, OptionalInt> carried) {
        boolean changed = false;
        for (Segment segment : segments.all()) {
            OptionalInt its = carried.get(segment.vni());
            if (its != null && its.isPresent()) {
                changed |= follow(segment.index(), its.getAsInt());
            }
        }
        if (changed) {
            tables.publishMtus();
        }
    }

    /** Whether the segment has another MTU now. */
    private boolean follow(int segment, int carried) {
        int largest = Segments.largestMtu(carried, config.get().underlay().overheadBytes());
        int mtu = segments.get(segment).mtu();
        if (segments.config(segment).mtu().isPresent()) {
            warn(segment, mtu, largest, carried);
            return false;
        }
        if (largest == mtu) {
            return false;
        }
        log.info(
                "the MTU of VNI {} is {} now, not {}: the underlay carries {}",
                segments.get(segment).vni(),
                largest,
                mtu,
                carried);
        segments.mtu(segment, largest);
        for (LocalPort port : ports) {
            if (port.port().segment() == segment) {
                follow(port, largest);
            }
        }
        return true;
    }

    private static void follow(LocalPort port, int mtu) {
        try {
            port.mtu(mtu);
        } catch (LinuxException e) {
            log.warn("the device of port {} keeps its MTU: {}", port.port().name(), e.getMessage());
        }
    }

    private void warn(int segment, int mtu, int largest, int carried) {
        boolean isTooLarge = mtu > largest;
        if (isTooLarge && tooLarge.add(segments.get(segment).vni())) {
            log.warn(
                    "the mtu {} of VNI {} does not fit any more: the underlay carries {}, so at most {}",
                    mtu,
                    segments.get(segment).vni(),
                    carried,
                    largest);
        } else if (!isTooLarge && tooLarge.remove(segments.get(segment).vni())) {
            log.info(
                    "the mtu {} of VNI {} fits again",
                    mtu,
                    segments.get(segment).vni());
        }
    }
}
