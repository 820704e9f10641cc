package dev.peregrine.controlplane.etcd;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.peregrine.controlplane.Claim;
import dev.peregrine.vxlan.IpAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Values of a registry, JSON objects. A reader skips members that it does not know; the VTEP, VNI and MAC of a
 * claim are those of its key alone.
 */
final class ClaimValues {
    /** A value with the most addresses has a tenth of that. */
    static final int MAX_BYTES = 16_384;

    private static final int VERSION = 1;
    private static final int MAX_TEXT = 255;
    private static final long MAX_SEQUENCE = 0xffff_ffffL;
    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private ClaimValues() {}

    /** A value is not what its key wants. */
    static final class Malformed extends Exception {
        private static final long serialVersionUID = 1L;

        Malformed(String what) {
            super(what, null, false, false);
        }
    }

    static String text(Claim claim) {
        ObjectNode value = NODES.objectNode();
        switch (claim) {
            case Claim.Vtep vtep ->
                value.put("v", VERSION).put("node", vtep.node()).put("instance", vtep.instance());
            case Claim.Member member -> value.put("flood", member.flood());
            case Claim.Station station -> {
                value.put("seq", Integer.toUnsignedLong(station.sequence())).put("sticky", station.sticky());
                ArrayNode addresses = value.putArray("ips");
                station.addresses().forEach(address -> addresses.add(address.toString()));
            }
        }
        return value.toString();
    }

    static Claim parse(Claim.Key key, byte[] bytes) throws Malformed {
        JsonNode value = object(bytes);
        JsonNode vtep = value.get("vtep");
        if (vtep != null && !vtep.asText().equals(key.vtep().toString())) {
            throw new Malformed("it names another VTEP than its key");
        }
        return switch (key) {
            case Claim.VtepKey its -> {
                if (value.path("v").asInt() != VERSION) throw new Malformed("\"v\" is not " + VERSION);
                yield new Claim.Vtep(its.vtep(), words(value, "node"), words(value, "instance"));
            }
            case Claim.MemberKey its -> new Claim.Member(its.vni(), its.vtep(), flag(value, "flood", true));
            case Claim.StationKey its ->
                new Claim.Station(
                        its.vni(), its.mac(), its.vtep(), sequence(value), flag(value, "sticky", false), ips(value));
        };
    }

    private static JsonNode object(byte[] bytes) throws Malformed {
        if (bytes.length > MAX_BYTES) throw new Malformed("more than " + MAX_BYTES + " bytes");
        try {
            JsonNode value = JSON.readTree(new String(bytes, StandardCharsets.UTF_8));
            if (value != null && value.isObject()) return value;
        } catch (JsonProcessingException e) {
            throw new Malformed("no JSON: " + e.getOriginalMessage());
        }
        throw new Malformed("no JSON object");
    }

    private static String words(JsonNode value, String name) throws Malformed {
        JsonNode field = value.path(name);
        if (field.isMissingNode()) return "";
        if (!field.isTextual() || field.asText().length() > MAX_TEXT) {
            throw new Malformed("\"" + name + "\" is no text of at most " + MAX_TEXT + " characters");
        }
        return field.asText().replaceAll("\\p{Cntrl}", "?");
    }

    private static boolean flag(JsonNode value, String name, boolean otherwise) throws Malformed {
        JsonNode field = value.path(name);
        if (field.isMissingNode()) return otherwise;
        if (!field.isBoolean()) throw new Malformed("\"" + name + "\" is neither true nor false");
        return field.asBoolean();
    }

    private static int sequence(JsonNode value) throws Malformed {
        JsonNode field = value.path("seq");
        if (field.isMissingNode()) return 0;
        boolean fits = field.isIntegralNumber()
                && field.canConvertToLong()
                && field.asLong() >= 0
                && field.asLong() <= MAX_SEQUENCE;
        if (!fits) throw new Malformed("\"seq\" is no integer from 0 to " + MAX_SEQUENCE);
        return (int) field.asLong();
    }

    private static List<IpAddress> ips(JsonNode value) throws Malformed {
        JsonNode field = value.path("ips");
        if (field.isMissingNode()) return List.of();
        if (!field.isArray() || field.size() > Claim.Station.MAX_ADDRESSES) {
            throw new Malformed("\"ips\" is no list of at most " + Claim.Station.MAX_ADDRESSES + " addresses");
        }
        List<IpAddress> addresses = new ArrayList<>(field.size());
        for (JsonNode element : field) {
            IpAddress address = element.isTextual() ? Layout.address(element.asText()) : null;
            if (address == null) throw new Malformed("\"ips\" has something that is no address in canonical form");
            addresses.add(address);
        }
        return addresses;
    }
}
