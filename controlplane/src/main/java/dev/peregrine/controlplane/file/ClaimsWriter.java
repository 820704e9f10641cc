package dev.peregrine.controlplane.file;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.peregrine.controlplane.Claim;
import dev.peregrine.dataplane.linux.sys.AddressText;
import dev.peregrine.vxlan.IpAddress;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes a file of claims, VTEP by VTEP, in the format that {@link ClaimsReader} reads. It is written beside its place
 * and moved there by {@link #finish}: who reads it finds the old one or the new one. A writer that is closed before
 * leaves the old one.
 */
final class ClaimsWriter implements Closeable {
    private static final int BUFFER = 1 << 16;

    private static final Comparator<Claim.Station> ORDER =
            Comparator.comparingInt(Claim.Station::vni).thenComparingLong(Claim.Station::mac);

    private final Path file;
    private final Path beside;
    private final FileChannel channel;
    private final JsonGenerator out;
    private boolean isFinished;

    ClaimsWriter(Path file) throws IOException {
        this.file = file;
        beside = file.resolveSibling("." + file.getFileName() + ".new");
        channel = FileChannel.open(
                beside, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING);
        out = new JsonFactory().createGenerator(new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER));
        out.writeStartObject();
        out.writeNumberField("v", 1);
        out.writeRaw("\n");
        out.writeArrayFieldStart("vteps");
    }

    /** Writes all claims of one VTEP; a membership that a station needs is written as one that does not flood. */
    void vtep(IpAddress vtep, List<Claim> claims) throws IOException {
        Claim.@Nullable Vtep self = null;
        List<Claim.Member> members = new ArrayList<>();
        List<Claim.Station> stations = new ArrayList<>();
        for (Claim claim : claims) {
            switch (claim) {
                case Claim.Vtep of -> self = of;
                case Claim.Member of -> members.add(of);
                case Claim.Station of -> stations.add(of);
            }
        }
        stations.sort(ORDER);
        members.sort(Comparator.comparingInt(Claim.Member::vni));
        out.writeRaw("\n ");
        out.writeStartObject();
        out.writeStringField("vtep", vtep.toString());
        out.writeStringField("node", self == null ? "" : self.node());
        out.writeStringField("instance", self == null ? "" : self.instance());
        out.writeArrayFieldStart("vnis");
        int at = 0;
        for (Claim.Member member : withStations(vtep, members, stations)) {
            out.writeRaw("\n  ");
            out.writeStartObject();
            out.writeNumberField("vni", member.vni());
            out.writeBooleanField("flood", member.flood());
            out.writeArrayFieldStart("macs");
            while (at < stations.size() && stations.get(at).vni() == member.vni()) station(stations.get(at++));
            out.writeEndArray();
            out.writeEndObject();
        }
        out.writeEndArray();
        out.writeEndObject();
    }

    private static List<Claim.Member> withStations(
            IpAddress vtep, List<Claim.Member> members, List<Claim.Station> stations) {
        List<Claim.Member> all = new ArrayList<>();
        int at = 0;
        for (Claim.Member member : members) {
            for (; at < stations.size() && stations.get(at).vni() < member.vni(); at++) {
                add(all, stations.get(at).vni(), vtep);
            }
            while (at < stations.size() && stations.get(at).vni() == member.vni()) at++;
            all.add(member);
        }
        for (; at < stations.size(); at++) add(all, stations.get(at).vni(), vtep);
        return all;
    }

    private static void add(List<Claim.Member> to, int vni, IpAddress vtep) {
        if (to.isEmpty() || to.getLast().vni() != vni) to.add(new Claim.Member(vni, vtep, false));
    }

    private void station(Claim.Station station) throws IOException {
        out.writeRaw("\n   ");
        out.writeStartObject();
        out.writeStringField("mac", AddressText.mac(station.mac()));
        if (station.sequence() != 0) out.writeNumberField("seq", Integer.toUnsignedLong(station.sequence()));
        if (station.sticky()) out.writeBooleanField("sticky", true);
        if (!station.addresses().isEmpty()) {
            out.writeArrayFieldStart("ips");
            for (IpAddress address : station.addresses()) out.writeString(address.toString());
            out.writeEndArray();
        }
        out.writeEndObject();
    }

    /**
     * Ends the file and puts it in its place. It is on the disk before: after a power failure too there is the old one
     * or the new one. This takes as long as the disk does.
     */
    void finish() throws IOException {
        out.writeEndArray();
        out.writeEndObject();
        out.writeRaw("\n");
        out.flush();
        channel.force(true);
        out.close();
        Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        isFinished = true;
    }

    /** Gives up what was not finished. */
    @Override
    public void close() throws IOException {
        if (isFinished) return;
        out.close();
        Files.deleteIfExists(beside);
    }
}
