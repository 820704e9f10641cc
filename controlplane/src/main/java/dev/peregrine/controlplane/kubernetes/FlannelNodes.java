package dev.peregrine.controlplane.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.peregrine.controlplane.Claim;
import dev.peregrine.controlplane.LocalState;
import dev.peregrine.controlplane.http.Texts;
import dev.peregrine.dataplane.linux.sys.AddressText;
import dev.peregrine.vxlan.IpAddress;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Nodes with the annotations of flannel's {@code vxlan} backend.
 *
 * <p>Nodes of flannel speak to each other so: the route to a node's pods goes via the first address of its pod subnet;
 * the MAC address of that is {@code VtepMAC}; and {@code VtepMAC} is behind {@code public-ip}. Thus a node is a VTEP,
 * member of one VNI without flooding, and a station with one address.
 *
 * <p>The own node gets such annotations when a port has the first address of its pod subnet, as flannel's device has.
 * Not otherwise: they may be flannel's, which runs there as well.
 */
final class FlannelNodes implements Dialect {
    private static final String DOMAIN = "flannel.alpha.coreos.com/";
    private static final String MANAGED = DOMAIN + "kube-subnet-manager";
    private static final String BACKEND = DOMAIN + "backend-type";
    private static final String VXLAN = "vxlan";

    /** flannel reads the VNI into 16 bits, and leaves a node out where it does not fit. */
    private static final int MAX_VNI = 0xffff;

    private final String node;
    private final boolean ipv4;
    private final String dataKey;
    private final String addressKey;

    /** Annotations as they were written; empty until then. */
    private Map<String, String> written = Map.of();

    /**
     * Nodes' addresses of one family.
     *
     * @param node name of the own node
     */
    FlannelNodes(String node, boolean ipv4) {
        this.node = node;
        this.ipv4 = ipv4;
        dataKey = DOMAIN + (ipv4 ? "backend-data" : "backend-v6-data");
        addressKey = DOMAIN + (ipv4 ? "public-ip" : "public-ipv6");
    }

    @Override
    public String collection() {
        return "/api/v1/nodes";
    }

    @Override
    public String origin() {
        return "nodes, which every Kubernetes API server has";
    }

    /** A node with its images and conditions takes about 20 kB. */
    @Override
    public int pageSize() {
        return 100;
    }

    @Override
    public boolean isOwn(ApiObject object) {
        return object.name().equals(node);
    }

    @Override
    public boolean isOwnedByNode() {
        return false;
    }

    @Override
    public Reading read(ApiObject object) {
        Map<String, String> annotations = object.annotations();
        String data = annotations.getOrDefault(dataKey, "null");
        boolean isVxlan = "true".equals(annotations.get(MANAGED)) && VXLAN.equals(annotations.get(BACKEND));
        if (!isVxlan || data.equals("null")) return new Reading.Claims(List.of());
        String place = "node " + Texts.quoted(object.name()) + ", ";
        try {
            return read(object, data);
        } catch (Fields.Wrong e) {
            return new Reading.Malformed(null, place + "annotation " + dataKey + ": " + e.what());
        } catch (Missing e) {
            return new Reading.Malformed(null, place + e.getMessage());
        }
    }

    private Reading read(ApiObject object, String data) throws Fields.Wrong, Missing {
        String address = object.annotations().getOrDefault(addressKey, "");
        IpAddress vtep = Fields.parseAddress(address);
        if (vtep == null) throw new Missing("annotation " + addressKey + ": no address: " + Texts.quoted(address));
        Fields fields = new Fields(json(data));
        int vni = fields.vni("VNI");
        long mac = fields.mac("VtepMAC");
        IpAddress gateway = podAddress(object)
                .orElseThrow(() -> new Missing("spec.podCIDRs: no network of " + (ipv4 ? "IPv4" : "IPv6")));
        return new Reading.Claims(List.of(
                new Claim.Vtep(vtep, object.name(), ""),
                new Claim.Member(vni, vtep, false),
                new Claim.Station(vni, mac, vtep, 0, false, List.of(gateway))));
    }

    /** Something that belongs to the annotations is not there. */
    private static final class Missing extends Exception {
        private static final long serialVersionUID = 1;

        Missing(String what) {
            super(what, null, false, false);
        }
    }

    private static JsonNode json(String text) throws Fields.Wrong {
        try {
            return ApiStream.readText(text);
        } catch (IOException e) {
            throw new Fields.Wrong("not JSON: " + Texts.quoted(text));
        }
    }

    /** The first address of a node's pod subnet. */
    private Optional<IpAddress> podAddress(ApiObject object) {
        JsonNode networks = object.spec().path("podCIDRs");
        for (JsonNode network : networks) {
            Optional<IpAddress> address = firstOf(network.asText(""));
            if (address.isPresent()) return address;
        }
        return networks.isEmpty() ? firstOf(object.spec().path("podCIDR").asText("")) : Optional.empty();
    }

    private Optional<IpAddress> firstOf(String network) {
        int slash = network.indexOf('/');
        IpAddress address = slash < 0 ? null : Fields.parseAddress(network.substring(0, slash));
        return address == null || address.isIpv4() != ipv4 ? Optional.empty() : Optional.of(address);
    }

    @Override
    public Plan plan(LocalState wanted, Map<String, ApiObject> own, @Nullable Owner owner) {
        ApiObject object = own.get(node);
        if (object == null) return new Plan(List.of(), "there is no node " + Texts.quoted(node));
        Optional<IpAddress> address = podAddress(object);
        Optional<Claim.Station> station = wanted.stations().stream()
                .filter(one -> address.isPresent() && one.addresses().contains(address.get()))
                .min((one, other) -> Integer.compare(one.vni(), other.vni()));
        if (station.isEmpty()) return new Plan(withdrawal(object), wanted.published() ? obstacle(address) : "");
        if (station.get().vni() > MAX_VNI) {
            return new Plan(withdrawal(object), "flannel knows no VNI above " + MAX_VNI);
        }
        written = annotations(station.get(), object);
        return new Plan(patch(object, written), "");
    }

    private String obstacle(Optional<IpAddress> address) {
        return address.map(one -> "no port has the address " + one + ", the first of the node's pod subnet")
                .orElse("the node has no pod subnet in spec.podCIDRs");
    }

    private Map<String, String> annotations(Claim.Station station, ApiObject object) {
        String outside = object.annotations().getOrDefault(addressKey + "-overwrite", "");
        Map<String, String> annotations = new LinkedHashMap<>();
        annotations.put(BACKEND, VXLAN);
        annotations.put(
                dataKey, "{\"VNI\":" + station.vni() + ",\"VtepMAC\":\"" + AddressText.mac(station.mac()) + "\"}");
        annotations.put(addressKey, outside.isEmpty() ? station.vtep().toString() : outside);
        annotations.put(MANAGED, "true");
        return annotations;
    }

    /** Whether the annotations are those that were written here, and flannel has not written over them since. */
    private boolean isOurs(ApiObject object) {
        return written.containsKey(dataKey)
                && written.get(dataKey).equals(object.annotations().get(dataKey));
    }

    /** Annotations of flannel at the own node are not this gateway's, and stay when it withdraws all that is. */
    @Override
    public int count(Iterable<ApiObject> objects) {
        List<ApiObject> ours = new ArrayList<>();
        for (ApiObject object : objects) {
            if (isOurs(object)) ours.add(object);
        }
        return Dialect.super.count(ours);
    }

    /** Removes what was written here. */
    private List<Change> withdrawal(ApiObject object) {
        if (!isOurs(object)) return List.of();
        Map<String, @Nullable String> nothing = new LinkedHashMap<>();
        written.keySet().forEach(key -> nothing.put(key, null));
        return patch(object, nothing);
    }

    /** The right to change a node's status is what flannel has, too. It covers annotations. */
    private List<Change> patch(ApiObject object, Map<String, ? extends @Nullable String> wanted) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        ObjectNode annotations = body.putObject("metadata").putObject("annotations");
        wanted.forEach((key, value) -> {
            if (!Objects.equals(value, object.annotations().get(key))) annotations.put(key, value);
        });
        if (annotations.isEmpty()) return List.of();
        return List.of(Change.patch(node, collection() + "/" + ApiClient.encoded(node) + "/status", body));
    }
}
