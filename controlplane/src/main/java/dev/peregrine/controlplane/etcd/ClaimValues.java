package dev.peregrine.controlplane.etcd;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.peregrine.controlplane.Claim;
import dev.peregrine.vxlan.IpAddress;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A value of a registry, a JSON object, as far as it was read. Members that are none of its claim's are skipped; the
 * VTEP, VNI and MAC of a claim are those of its key alone.
 */
final class ClaimValues {
    /** A value with the most addresses has a tenth of that. */
    static final int MAX_BYTES = 16_384;

    private static final int VERSION = 1;
    private static final int MAX_TEXT = 255;
    private static final long MAX_SEQUENCE = 0xffff_ffffL;
    private static final JsonFactory JSON = new JsonFactory();
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private int version;
    private String node = "";
    private String instance = "";
    private boolean flood = true;
    private int sequence;
    private boolean sticky;
    private List<IpAddress> addresses = List.of();

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

    /** Reads a value token by token; of a member that is there twice the last one counts. */
    static Claim parse(Claim.Key key, byte[] bytes) throws Malformed {
        if (bytes.length > MAX_BYTES) throw new Malformed("more than " + MAX_BYTES + " bytes");
        try (JsonParser parser = JSON.createParser(bytes)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) throw new Malformed("no JSON object");
            ClaimValues its = new ClaimValues();
            while (parser.nextToken() == JsonToken.FIELD_NAME) its.read(parser, key);
            if (parser.nextToken() != null) throw new Malformed("no JSON: more after the object");
            return its.claim(key);
        } catch (JsonProcessingException e) {
            throw new Malformed("no JSON: " + e.getOriginalMessage());
        } catch (IOException e) {
            throw new Malformed("no JSON: " + e.getMessage()); // bytes in no encoding of it
        }
    }

    /** Reads a member; one that is none of this kind of claim is skipped. */
    private void read(JsonParser parser, Claim.Key key) throws IOException, Malformed {
        String name = parser.currentName();
        parser.nextToken();
        if (name.equals("vtep") && !key.vtep().toString().equals(parser.getValueAsString(""))) {
            throw new Malformed("it names another VTEP than its key");
        }
        switch (key) {
            case Claim.VtepKey ignored -> readOfVtep(parser, name);
            case Claim.MemberKey ignored -> flood = name.equals("flood") ? flag(parser, name) : flood;
            case Claim.StationKey ignored -> readOfStation(parser, name);
        }
        parser.skipChildren(); // of one that was not read
    }

    private void readOfVtep(JsonParser parser, String name) throws IOException, Malformed {
        switch (name) {
            case "v" -> version = parser.getValueAsInt();
            case "node" -> node = words(parser, name);
            case "instance" -> instance = words(parser, name);
            default -> {}
        }
    }

    private void readOfStation(JsonParser parser, String name) throws IOException, Malformed {
        switch (name) {
            case "seq" -> sequence = sequence(parser);
            case "sticky" -> sticky = flag(parser, name);
            case "ips" -> addresses = ips(parser);
            default -> {}
        }
    }

    private Claim claim(Claim.Key key) throws Malformed {
        return switch (key) {
            case Claim.VtepKey its -> {
                if (version != VERSION) throw new Malformed("\"v\" is not " + VERSION);
                yield new Claim.Vtep(its.vtep(), node, instance);
            }
            case Claim.MemberKey its -> new Claim.Member(its.vni(), its.vtep(), flood);
            case Claim.StationKey its ->
                new Claim.Station(its.vni(), its.mac(), its.vtep(), sequence, sticky, addresses);
        };
    }

    private static String words(JsonParser parser, String name) throws IOException, Malformed {
        if (!parser.hasToken(JsonToken.VALUE_STRING) || parser.getTextLength() > MAX_TEXT) {
            throw new Malformed("\"" + name + "\" is no text of at most " + MAX_TEXT + " characters");
        }
        return parser.getText().replaceAll("\\p{Cntrl}", "?");
    }

    private static boolean flag(JsonParser parser, String name) throws Malformed {
        if (parser.hasToken(JsonToken.VALUE_TRUE)) return true;
        if (parser.hasToken(JsonToken.VALUE_FALSE)) return false;
        throw new Malformed("\"" + name + "\" is neither true nor false");
    }

    private static int sequence(JsonParser parser) throws IOException, Malformed {
        boolean fits = parser.hasToken(JsonToken.VALUE_NUMBER_INT)
                && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER
                && parser.getLongValue() >= 0
                && parser.getLongValue() <= MAX_SEQUENCE;
        if (!fits) throw new Malformed("\"seq\" is no integer from 0 to " + MAX_SEQUENCE);
        return (int) parser.getLongValue();
    }

    private static List<IpAddress> ips(JsonParser parser) throws IOException, Malformed {
        if (!parser.isExpectedStartArrayToken()) throw tooManyOrNone();
        List<IpAddress> addresses = new ArrayList<>(1); // few stations have more
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (addresses.size() == Claim.Station.MAX_ADDRESSES) throw tooManyOrNone();
            IpAddress address = parser.hasToken(JsonToken.VALUE_STRING) ? Layout.address(parser.getText()) : null;
            if (address == null) throw new Malformed("\"ips\" has something that is no address in canonical form");
            addresses.add(address);
        }
        return addresses;
    }

    private static Malformed tooManyOrNone() {
        return new Malformed("\"ips\" is no list of at most " + Claim.Station.MAX_ADDRESSES + " addresses");
    }
}
