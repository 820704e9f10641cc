package dev.peregrine.controlplane.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peregrine.controlplane.http.Texts;
import dev.peregrine.vxlan.IpAddress;
import dev.peregrine.vxlan.Vni;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the fields of a JSON object, which anybody may have written. */
final class Fields {
    private static final Pattern ADDRESS = Pattern.compile("[0-9a-fA-F:.]{2,45}");
    private static final Pattern MAC = Pattern.compile("[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}");
    private static final long MAX_SEQUENCE = 0xffff_ffffL;

    private final JsonNode object;

    /** A field is not what it should be. */
    static final class Wrong extends Exception {
        private static final long serialVersionUID = 1;

        Wrong(String what) {
            super(what, null, false, false);
        }

        /** The field, and what was expected. */
        String what() {
            return String.valueOf(getMessage());
        }
    }

    Fields(JsonNode object) throws Wrong {
        if (!object.isObject()) throw new Wrong("not a JSON object");
        this.object = object;
    }

    boolean has(String name) {
        JsonNode field = object.path(name);
        return !field.isMissingNode() && !field.isNull();
    }

    int vni(String name) throws Wrong {
        JsonNode field = object.path(name);
        if (!field.isIntegralNumber() || !field.canConvertToLong() || !Vni.isValid(field.longValue())) {
            throw wrong(name, "a number from 0 to " + Vni.MAX);
        }
        return field.intValue();
    }

    /** An unsigned number of 32 bits; 0 where there is none. */
    int sequence(String name) throws Wrong {
        if (!has(name)) return 0;
        JsonNode field = object.path(name);
        boolean fits = field.isIntegralNumber()
                && field.canConvertToLong()
                && field.longValue() >= 0
                && field.longValue() <= MAX_SEQUENCE;
        if (!fits) throw wrong(name, "a number from 0 to " + MAX_SEQUENCE);
        return (int) field.longValue();
    }

    boolean flag(String name, boolean otherwise) throws Wrong {
        if (!has(name)) return otherwise;
        if (!object.path(name).isBoolean()) throw wrong(name, "true or false");
        return object.path(name).booleanValue();
    }

    /** A text, empty where there is none. */
    String text(String name, int most) throws Wrong {
        if (!has(name)) return "";
        String text = object.path(name).textValue();
        if (text == null || text.length() > most) throw wrong(name, "a text of at most " + most + " characters");
        return text;
    }

    long mac(String name) throws Wrong {
        String text = object.path(name).asText("");
        if (!MAC.matcher(text).matches()) throw wrong(name, "an address such as 02:00:00:00:00:01");
        return Long.parseLong(text.replace(":", ""), 16);
    }

    IpAddress address(String name) throws Wrong {
        IpAddress address = parseAddress(object.path(name).asText(""));
        if (address == null) throw wrong(name, "an IPv4 or IPv6 address");
        return address;
    }

    List<IpAddress> addresses(String name, int most) throws Wrong {
        if (!has(name)) return List.of();
        JsonNode list = object.path(name);
        if (!list.isArray() || list.size() > most) throw wrong(name, "a list of at most " + most + " addresses");
        List<IpAddress> addresses = new ArrayList<>(list.size());
        for (JsonNode element : list) {
            IpAddress address = parseAddress(element.asText(""));
            if (address == null) throw wrong(name, "a list of IPv4 and IPv6 addresses");
            addresses.add(address);
        }
        return addresses;
    }

    private Wrong wrong(String name, String expected) {
        JsonNode field = object.path(name);
        String found = field.isMissingNode() ? "nothing" : field.isTextual() ? Texts.quoted(field.asText()) : "this";
        return new Wrong(name + " is " + found + ", not " + expected);
    }

    /** An address; null for anything else, a name or an address with a zone among it. */
    static @Nullable IpAddress parseAddress(String text) {
        if (!ADDRESS.matcher(text).matches()) return null;
        try {
            IpAddress address = IpAddress.of(InetAddress.ofLiteral(text));
            // Four numbers without leading zeros: others take 010.0.0.1 for 8.0.0.1.
            return !address.isIpv4() || address.toString().equals(text) ? address : null;
        } catch (IllegalArgumentException notAnAddress) {
            return null;
        }
    }
}
