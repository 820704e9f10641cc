package dev.peregrine.gateway.drops;

import dev.peregrine.dataplane.linux.sys.Errno;
import dev.peregrine.dataplane.packet.DropCounters.Sample;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.Ports;
import dev.peregrine.gateway.config.value.MacAddress;
import dev.peregrine.gateway.port.Names;
import dev.peregrine.gateway.port.Segments;
import dev.peregrine.vxlan.IpAddress;
import dev.peregrine.vxlan.Rejections.Rejection;
import dev.peregrine.vxlan.RemoteVtep;
import dev.peregrine.vxlan.Segment;
import dev.peregrine.vxlan.VtepTable;
import dev.peregrine.vxlan.VxlanHeader;
import org.jspecify.annotations.Nullable;

/** Reads samples of dropped packets: whose they were. Belongs to the control thread. */
public final class SampleReader {
    private static final String PORT = "port ";
    private static final long LOW_HALF = 0xffff;

    /** A header that this gateway wrote: the I flag and zeros. */
    private static final int OWN_HEADER = 0x0800_0000;

    private final Segments segments;
    private final VtepTable vteps;
    private final Names names;

    /** Names ports as {@code names} does. */
    public SampleReader(Segments segments, VtepTable vteps, Names names) {
        this.segments = segments;
        this.vteps = vteps;
        this.names = names;
    }

    DroppedPacket read(DropReason reason, Sample sample) {
        boolean isFromTunnel = Ports.isTunnel(sample.inPort());
        int tunnel = isFromTunnel ? sample.inPort() : sample.outPort();
        int local = isFromTunnel ? sample.outPort() : sample.inPort();
        return new DroppedPacket(
                vni(sample),
                reason == DropReason.VTEP_NOT_ALLOWED ? stranger() : vtep(tunnel),
                port(local),
                mac(sample),
                sample.errno() == 0 ? null : Errno.name(sample.errno()) + " (" + Errno.text(sample.errno()) + ")");
    }

    private @Nullable Integer vni(Sample sample) {
        for (Segment segment : segments.all()) {
            if (segment.index() == sample.segment()) {
                return segment.vni();
            }
        }
        return hasHeader(sample) && VxlanHeader.hasVni(sample.first())
                ? (Integer) VxlanHeader.vni(sample.first())
                : null;
    }

    /** Whether the head begins with a VXLAN header: before decap, and after encap. */
    private static boolean hasHeader(Sample sample) {
        boolean isLocal = sample.inPort() >= 0 && !Ports.isTunnel(sample.inPort());
        boolean isReceived = sample.segment() < 0 && !isLocal;
        boolean isSent = Ports.isTunnel(sample.outPort()) && (int) (sample.first() >>> Integer.SIZE) == OWN_HEADER;
        return isReceived || isSent;
    }

    private static @Nullable String mac(Sample sample) {
        boolean hasHeader = hasHeader(sample);
        long low = hasHeader ? sample.second() : sample.first();
        long high = hasHeader ? sample.third() : sample.second();
        long mac = ((low & LOW_HALF) << Integer.SIZE) | (high >>> Integer.SIZE);
        return mac == 0 ? null : new MacAddress(mac).toString();
    }

    private @Nullable String port(int port) {
        return port < 0 || Ports.isTunnel(port) ? null : names.port(port).substring(PORT.length());
    }

    private @Nullable String vtep(int port) {
        RemoteVtep vtep = port == Packet.NO_PORT ? null : vteps.behind(port);
        return vtep == null ? null : vtep.toString();
    }

    private @Nullable String stranger() {
        Rejection last = vteps.rejections().last();
        return last == null ? null : new IpAddress(last.high(), last.low()).toString();
    }
}
