package dev.peregrine.controlplane.file;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import dev.peregrine.controlplane.Claim;
import dev.peregrine.vxlan.IpAddress;
import dev.peregrine.vxlan.Vni;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * Reads a file of claims, in JSON with comments ({@code //}, {@code #}):
 *
 * <pre>
 * {"v": 1,
 *  "vteps": [
 *    {"vtep": "198.18.1.2", "node": "h2", "instance": "uuid",
 *     "vnis": [
 *       {"vni": 42, "flood": true,
 *        "macs": [{"mac": "02:00:00:00:42:02", "seq": 3, "sticky": false, "ips": ["198.19.1.2"]}]}]}]}
 * </pre>
 *
 * {@code v}, {@code vtep}, {@code vni} and {@code mac} are required and come first in their objects; {@code flood} is
 * true where it is left out. Fields that are not named here are errors. Nothing of a file with an error is used. Size,
 * depth and lengths are bounded; whether a claim is believed is decided elsewhere.
 */
final class ClaimsReader {
    private static final int VERSION = 1;
    private static final int LONGEST_TEXT = 255;
    private static final int DEEPEST = 10;
    private static final int LONGEST_NUMBER = 12;
    private static final long MAX_SEQUENCE = 0xffff_ffffL;
    private static final Pattern MAC = Pattern.compile("[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}");
    private static final Pattern IPV4 = Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}");

    /** The most addresses that are read of a station: one more than is believed, so that it is refused by its name. */
    private static final int MAX_ADDRESSES = 65;

    private final Path file;
    private final JsonParser in;
    private final Consumer<Claim> claims;

    private ClaimsReader(Path file, JsonParser in, Consumer<Claim> claims) {
        this.file = file;
        this.in = in;
        this.claims = claims;
    }

    /**
     * Reads a file and hands over its claims as they come: before the file is known to be right, so that whoever uses
     * them at once reads it twice.
     *
     * @param maxBytes of the file
     * @throws ClaimsException when the file is not as it should be
     */
    static void read(Path file, long maxBytes, Consumer<Claim> claims) throws IOException {
        long size = Files.size(file);
        if (size > maxBytes) {
            throw new ClaimsException(file + ": has " + size + " bytes, at most " + maxBytes + " are read");
        }
        JsonFactory json = JsonFactory.builder()
                .enable(JsonReadFeature.ALLOW_JAVA_COMMENTS)
                .enable(JsonReadFeature.ALLOW_YAML_COMMENTS)
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxStringLength(LONGEST_TEXT)
                        .maxNameLength(LONGEST_TEXT)
                        .maxNestingDepth(DEEPEST)
                        .maxNumberLength(LONGEST_NUMBER)
                        .maxDocumentLength(maxBytes)
                        .build())
                .build();
        try (InputStream bytes = new BufferedInputStream(Files.newInputStream(file));
                JsonParser in = json.createParser(bytes)) {
            new ClaimsReader(file, in, claims).document();
        } catch (JsonProcessingException e) {
            int line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
            throw new ClaimsException(
                    file + ":" + line + ": " + e.getOriginalMessage().replaceAll("\\s+", " "));
        }
    }

    private ClaimsException wrong(String what) {
        return new ClaimsException(file + ":" + in.currentTokenLocation().getLineNr() + ": " + what);
    }

    private void document() throws IOException {
        in.nextToken();
        begin("an object {\"v\": 1, \"vteps\": [...]}");
        first("v");
        if (number("v", VERSION, VERSION) != VERSION) throw wrong("another version");
        while (in.nextToken() != JsonToken.END_OBJECT) {
            if (!in.currentName().equals("vteps")) throw unknown("vteps");
            array("vteps", this::vtep);
        }
        if (in.nextToken() != null) throw wrong("there is something after the end");
    }

    private void vtep() throws IOException {
        begin("an object with 'vtep'");
        first("vtep");
        IpAddress vtep = address();
        String node = "";
        String instance = "";
        List<Claim> others = new ArrayList<>();
        while (in.nextToken() != JsonToken.END_OBJECT) {
            switch (in.currentName()) {
                case "node" -> node = text();
                case "instance" -> instance = text();
                case "vnis" -> array("vnis", () -> vni(vtep, others));
                default -> throw unknown("node, instance, vnis");
            }
        }
        claims.accept(new Claim.Vtep(vtep, node, instance));
        others.forEach(claims);
    }

    private void vni(IpAddress vtep, List<Claim> to) throws IOException {
        begin("an object with 'vni'");
        first("vni");
        int vni = (int) number("vni", 0, Vni.MAX);
        boolean flood = true;
        int at = to.size();
        while (in.nextToken() != JsonToken.END_OBJECT) {
            switch (in.currentName()) {
                case "flood" -> flood = flag("flood");
                case "macs" -> array("macs", () -> to.add(station(vni, vtep)));
                default -> throw unknown("flood, macs");
            }
        }
        to.add(at, new Claim.Member(vni, vtep, flood));
    }

    private Claim.Station station(int vni, IpAddress vtep) throws IOException {
        begin("an object with 'mac'");
        first("mac");
        long mac = mac();
        long sequence = 0;
        boolean sticky = false;
        List<IpAddress> addresses = new ArrayList<>(1);
        while (in.nextToken() != JsonToken.END_OBJECT) {
            switch (in.currentName()) {
                case "seq" -> sequence = number("seq", 0, MAX_SEQUENCE);
                case "sticky" -> sticky = flag("sticky");
                case "ips" ->
                    array("ips", () -> {
                        IpAddress address = addressHere();
                        if (addresses.size() < MAX_ADDRESSES) addresses.add(address);
                    });
                default -> throw unknown("seq, sticky, ips");
            }
        }
        return new Claim.Station(vni, mac, vtep, (int) sequence, sticky, addresses);
    }

    /** Reads one element, whose first token is there. */
    private interface Element {
        void read() throws IOException;
    }

    private void array(String name, Element element) throws IOException {
        if (in.nextToken() != JsonToken.START_ARRAY) throw wrong("'" + name + "' is a list");
        while (in.nextToken() != JsonToken.END_ARRAY) element.read();
    }

    private void begin(String expected) throws ClaimsException {
        if (in.currentToken() != JsonToken.START_OBJECT) throw wrong("expected " + expected);
    }

    private void first(String name) throws IOException {
        if (in.nextToken() != JsonToken.FIELD_NAME || !in.currentName().equals(name)) {
            throw wrong("'" + name + "' comes first");
        }
    }

    private ClaimsException unknown(String known) throws IOException {
        return wrong("there is no field '" + in.currentName() + "' here; there are " + known);
    }

    private String text() throws IOException {
        if (in.nextToken() != JsonToken.VALUE_STRING) throw wrong("'" + in.currentName() + "' is a text");
        return in.getText();
    }

    private boolean flag(String name) throws IOException {
        JsonToken token = in.nextToken();
        if (!token.isBoolean()) throw wrong("'" + name + "' is true or false");
        return token == JsonToken.VALUE_TRUE;
    }

    private long number(String name, long min, long max) throws IOException {
        boolean isInteger = in.nextToken() == JsonToken.VALUE_NUMBER_INT;
        long value = isInteger ? in.getLongValue() : min - 1;
        if (value < min || value > max) {
            throw wrong("'" + name + "' is a number from " + min + " to " + max + ", not " + in.getText());
        }
        return value;
    }

    private long mac() throws IOException {
        String text = text();
        if (!MAC.matcher(text).matches()) throw wrong("'" + text + "' is no MAC address, such as 02:00:00:00:42:02");
        return Long.parseLong(text.replace(":", ""), 16);
    }

    private IpAddress address() throws IOException {
        in.nextToken();
        return addressHere();
    }

    /** An address; a name is never resolved. */
    private IpAddress addressHere() throws IOException {
        String text = in.currentToken() == JsonToken.VALUE_STRING ? in.getText() : "";
        try {
            boolean isLiteral = IPV4.matcher(text).matches() || (text.indexOf(':') >= 0 && text.indexOf('%') < 0);
            if (isLiteral) return IpAddress.of(InetAddress.ofLiteral(text));
        } catch (IllegalArgumentException e) {
            // the same as another text
        }
        throw wrong("'" + in.getText() + "' is no IP address");
    }
}
