package dev.peregrine.controlplane.kubernetes;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.peregrine.controlplane.Claim;
import dev.peregrine.controlplane.LocalState;
import dev.peregrine.controlplane.http.Texts;
import dev.peregrine.dataplane.linux.sys.AddressText;
import dev.peregrine.vxlan.IpAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Objects {@code stations.peregrine.dev}, of the whole cluster. Each names a VTEP, which is thereby known. One with a
 * MAC address is a station behind the VTEP; one without says that the VTEP is part of a VNI, and whether it gets copies
 * of what is flooded. A station alone makes its VTEP no member.
 *
 * <p>A gateway's own objects have names that begin with its VTEP, and labels with its VTEP and instance. The cluster
 * removes them together with the node, which owns them.
 */
final class StationObjects implements Dialect {
    private static final String GROUP = "peregrine.dev";
    private static final String VERSION = GROUP + "/v1";
    private static final String VTEP_LABEL = GROUP + "/vtep";
    private static final String INSTANCE_LABEL = GROUP + "/instance";
    private static final Pattern LABEL_VALUE = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?");
    private static final int MAX_NAME = 253;
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final IpAddress vtep;

    /** Objects among which those of {@code vtep} are one's own. */
    StationObjects(IpAddress vtep) {
        this.vtep = vtep;
    }

    @Override
    public String collection() {
        return "/apis/" + VERSION + "/stations";
    }

    @Override
    public String origin() {
        return "stations.peregrine.dev, which deploy/kubernetes/crd.yaml defines";
    }

    @Override
    public int pageSize() {
        return 500;
    }

    @Override
    public boolean isOwn(ApiObject object) {
        return object.name().startsWith(label(vtep) + ".")
                && label(vtep).equals(object.labels().get(VTEP_LABEL));
    }

    @Override
    public boolean isOwnedByNode() {
        return true;
    }

    /** An address as part of a name, and as value of a label: IPv6 in full, as neither takes colons. */
    static String label(IpAddress address) {
        return address.isIpv4()
                ? address.toString().replace('.', '-')
                : "%016x%016x".formatted(address.high(), address.low());
    }

    @Override
    public Reading read(ApiObject object) {
        Claim.Key key = null;
        try {
            Fields spec = new Fields(object.spec());
            int vni = spec.vni("vni");
            IpAddress its = spec.address("vtep");
            boolean isStation = spec.has("mac");
            long mac = isStation ? spec.mac("mac") : 0;
            key = isStation ? new Claim.StationKey(vni, mac, its) : new Claim.MemberKey(vni, its);
            String owner = object.labels().get(VTEP_LABEL);
            if (owner != null && !owner.equals(label(its))) {
                throw new Fields.Wrong("vtep is not that of the label " + VTEP_LABEL);
            }
            Claim claim = isStation
                    ? new Claim.Station(
                            vni,
                            mac,
                            its,
                            spec.sequence("sequence"),
                            spec.flag("sticky", false),
                            spec.addresses("addresses", Claim.Station.MAX_ADDRESSES))
                    : new Claim.Member(vni, its, spec.flag("flood", true));
            String instance = object.labels().getOrDefault(INSTANCE_LABEL, "");
            return new Reading.Claims(List.of(
                    new Claim.Vtep(its, Texts.line(spec.text("node", MAX_NAME), MAX_NAME), instance), claim));
        } catch (Fields.Wrong e) {
            return new Reading.Malformed(key, "station " + Texts.quoted(object.name()) + ", spec: " + e.what());
        }
    }

    @Override
    public Plan plan(LocalState wanted, Map<String, ApiObject> own, @Nullable Owner owner) {
        Map<String, Claim> names = new LinkedHashMap<>();
        wanted.members().forEach(member -> names.put(name(member), member));
        wanted.stations().forEach(station -> names.put(name(station), station));
        List<Change> changes = new ArrayList<>();
        names.forEach((name, claim) -> {
            ApiObject present = own.get(name);
            if (present == null) {
                changes.add(Change.create(name, collection(), body(name, claim, wanted, owner)));
            } else if (!says(present, claim, wanted)) {
                changes.add(Change.patch(name, collection() + "/" + name, body(name, claim, wanted, null)));
            }
        });
        own.keySet().stream()
                .filter(name -> !names.containsKey(name))
                .forEach(name -> changes.add(Change.delete(name, collection() + "/" + ApiClient.encoded(name))));
        return new Plan(changes, "");
    }

    private static String name(Claim.Member member) {
        return label(member.vtep()) + "." + member.vni();
    }

    private static String name(Claim.Station station) {
        return label(station.vtep()) + "." + station.vni() + "." + "%012x".formatted(station.mac());
    }

    private boolean says(ApiObject present, Claim claim, LocalState wanted) {
        Claim.Vtep self = new Claim.Vtep(vtep, wanted.node(), instance(wanted));
        return read(present).equals(new Reading.Claims(List.of(self, claim)));
    }

    /** The instance, if a label can hold it. */
    private static String instance(LocalState wanted) {
        return LABEL_VALUE.matcher(wanted.instance()).matches() ? wanted.instance() : "";
    }

    private ObjectNode body(String name, Claim claim, LocalState wanted, @Nullable Owner owner) {
        ObjectNode body = JSON.objectNode().put("apiVersion", VERSION).put("kind", "Station");
        ObjectNode metadata = body.putObject("metadata").put("name", name);
        metadata.putObject("labels").put(VTEP_LABEL, label(vtep)).put(INSTANCE_LABEL, instance(wanted));
        if (owner != null) {
            metadata.putArray("ownerReferences")
                    .addObject()
                    .put("apiVersion", "v1")
                    .put("kind", "Node")
                    .put("name", owner.name())
                    .put("uid", owner.uid());
        }
        ObjectNode spec = body.putObject("spec").put("vtep", vtep.toString());
        if (!wanted.node().isEmpty()) spec.put("node", wanted.node());
        switch (claim) {
            case Claim.Member member -> spec.put("vni", member.vni()).put("flood", member.flood());
            case Claim.Station station -> {
                spec.put("vni", station.vni()).put("mac", AddressText.mac(station.mac()));
                spec.put("sequence", Integer.toUnsignedLong(station.sequence())).put("sticky", station.sticky());
                ArrayNode addresses = spec.putArray("addresses");
                station.addresses().forEach(address -> addresses.add(address.toString()));
            }
            case Claim.Vtep _ -> throw new IllegalArgumentException("a VTEP has no object of its own");
        }
        return body;
    }
}
