package dev.peregrine.gateway.port;

import dev.peregrine.dataplane.linux.sys.AddressText;
import dev.peregrine.dataplane.packet.Ports;
import dev.peregrine.vxlan.RemoteVtep;
import dev.peregrine.vxlan.VtepTable;

/** Segments, ports, VTEPs and workers as users call them. May be asked on any thread once the gateway has its ports. */
public final class Names {
    private final Segments segments;
    private final VtepTable vteps;
    private final LocalPorts ports;

    /** Follows what there is. */
    public Names(Segments segments, VtepTable vteps, LocalPorts ports) {
        this.segments = segments;
        this.vteps = vteps;
        this.ports = ports;
    }

    /** A segment by its index. */
    public String segment(int index) {
        return "vni " + segments.get(index).vni();
    }

    /** A port by its number; any tunnel is just that. */
    public String port(int port) {
        return Ports.isTunnel(port) ? "tunnel" : "port " + ports.name(port);
    }

    /** The address of the VTEP behind a tunnel port. */
    public String vtep(int tunnelPort) {
        RemoteVtep vtep = vteps.behind(tunnelPort);
        return vtep == null ? "unknown" : AddressText.of(vtep.address().toInetAddress());
    }

    /** A worker by its number. */
    public static String worker(int id) {
        return "worker-" + id;
    }
}
