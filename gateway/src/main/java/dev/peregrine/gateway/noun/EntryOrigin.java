package dev.peregrine.gateway.noun;

import dev.peregrine.controlplane.Claim;
import dev.peregrine.controlplane.resolve.report.Claimed;
import dev.peregrine.dataplane.device.fdb.Fdb;
import dev.peregrine.dataplane.packet.Ports;
import dev.peregrine.gateway.config.value.MacAddress;
import dev.peregrine.gateway.port.LocalPort;
import dev.peregrine.gateway.runtime.OverlayGateway;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Says who made an FDB entry, for one answer to a command. On the control thread. */
final class EntryOrigin {
    private final OverlayGateway gateway;
    private final FdbOwners owners;
    private int lastSegment = Fdb.ANY;
    private long lastMac;
    private @Nullable Claimed last;

    EntryOrigin(OverlayGateway gateway, FdbOwners owners) {
        this.gateway = gateway;
        this.owners = owners;
    }

    /** The word for who made an entry. */
    String word(int segment, long mac, int port, Fdb.Kind kind) {
        return switch (kind) {
            case DYNAMIC -> "learned";
            case STICKY -> "command";
            case STATIC -> statics(segment, new MacAddress(mac), port);
            case CONTROL, CONTROL_STICKY -> ofPlane(segment, mac);
        };
    }

    /** The word for the control plane that an entry of a MAC follows. */
    String ofPlane(int segment, long mac) {
        String plane = plane(segment, mac);
        return plane == null ? "control" : gateway.controlPlanes().type(plane);
    }

    private String statics(int segment, MacAddress mac, int port) {
        LocalPort local = Ports.isTunnel(port) ? null : gateway.localPorts().byNumber(port);
        if (local != null && local.config().ownMac().equals(Optional.of(mac))) {
            return "port";
        }
        return owners.isOfFile(segment, mac) ? "file" : "command";
    }

    /** The control plane whose claim an entry follows; null while the resolver is about to remove it. */
    @Nullable
    String plane(int segment, long mac) {
        Claimed claimed = winner(segment, mac);
        return claimed == null ? null : claimed.plane();
    }

    /** The sequence number of that claim. */
    @Nullable
    Long sequence(int segment, long mac) {
        Claimed claimed = winner(segment, mac);
        return claimed != null && claimed.claim() instanceof Claim.Station station
                ? (Long) Integer.toUnsignedLong(station.sequence())
                : null;
    }

    private @Nullable Claimed winner(int segment, long mac) {
        if (segment != lastSegment || mac != lastMac) {
            lastSegment = segment;
            lastMac = mac;
            last = gateway
                    .controlPlanes()
                    .resolver()
                    .claims(gateway.segments().get(segment).vni(), mac)
                    .stream()
                    .filter(claimed -> claimed.standing() == Claimed.Standing.WINS)
                    .findFirst()
                    .orElse(null);
        }
        return last;
    }
}
