package dev.peregrine.gateway.control;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peregrine.dataplane.linux.Prefix;
import dev.peregrine.gateway.config.Addresses;
import dev.peregrine.gateway.config.MacAddress;
import java.net.InetAddress;
import java.util.Iterator;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The arguments of one request, each checked as it is read. */
final class Arguments {
    private static final int MAX_VNI = (1 << 24) - 1;
    private static final int MAX_PORT = 65_535;
    private static final Set<String> PROTOCOLS = Set.of("tcp", "udp", "icmp", "arp");

    private final JsonNode values;

    /** @param known the arguments that the command has; any other is an error */
    Arguments(JsonNode values, Set<String> known) throws BadRequest {
        this.values = values;
        for (Iterator<String> names = values.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (!known.contains(name)) throw new BadRequest("unknown argument " + name);
        }
    }

    FdbKey fdbKey() throws BadRequest {
        return new FdbKey(mac(), vni().orElseThrow(() -> new BadRequest("vni is missing")));
    }

    private MacAddress mac() throws BadRequest {
        MacAddress mac = MacAddress.parse(text("mac").orElseThrow(() -> new BadRequest("mac is missing")));
        if (mac == null || !mac.isUnicast()) throw new BadRequest("mac: expected a unicast MAC address");
        return mac;
    }

    OptionalInt vni() throws BadRequest {
        JsonNode value = given("vni");
        if (value == null) return OptionalInt.empty();
        boolean valid = value.isIntegralNumber() && value.canConvertToInt();
        if (!valid || value.intValue() < 0 || value.intValue() > MAX_VNI) {
            throw new BadRequest("vni: expected an integer from 0 to " + MAX_VNI);
        }
        return OptionalInt.of(value.intValue());
    }

    Optional<InetAddress> vtep() throws BadRequest {
        Optional<String> text = text("vtep");
        if (text.isEmpty()) return Optional.empty();
        InetAddress address = Addresses.parse(text.get());
        if (address == null) throw new BadRequest("vtep: expected an IPv4 or IPv6 address");
        return Optional.of(address);
    }

    /** A VNI or a port, or neither. */
    Optional<PolicyScope> policyScope() throws BadRequest {
        OptionalInt vni = vni();
        Optional<String> port = text("port");
        if (vni.isPresent() && port.isPresent()) throw new BadRequest("expected vni or port, one of the two");
        return vni.isEmpty() && port.isEmpty() ? Optional.empty() : Optional.of(new PolicyScope(vni, port));
    }

    PolicyScope onePolicyScope() throws BadRequest {
        return policyScope().orElseThrow(() -> new BadRequest("expected vni or port, one of the two"));
    }

    /** Whether the direction is in, not out. */
    boolean isIn() throws BadRequest {
        return switch (required("direction")) {
            case "in" -> true;
            case "out" -> false;
            default -> throw new BadRequest("direction: expected in or out");
        };
    }

    /** Which flows are meant. */
    StateFilter stateFilter() throws BadRequest {
        Optional<String> protocol = text("proto");
        if (protocol.isPresent() && !PROTOCOLS.contains(protocol.get())) {
            throw new BadRequest("proto: expected tcp, udp, icmp or arp");
        }
        return new StateFilter(vni(), end("src"), end("dst"), number("port", MAX_PORT), protocol);
    }

    private Optional<StateFilter.End> end(String name) throws BadRequest {
        Optional<String> text = text(name);
        if (text.isEmpty()) return Optional.empty();
        MacAddress mac = MacAddress.parse(text.get());
        Prefix network = mac == null ? Addresses.parsePrefix(text.get()) : null;
        if (mac == null && network == null) {
            throw new BadRequest(name + ": found " + text.get()
                    + "; expected a MAC address, an IP address, or a network such as 198.19.0.0/24");
        }
        return Optional.of(new StateFilter.End(Optional.ofNullable(mac), Optional.ofNullable(network)));
    }

    private OptionalInt number(String name, int most) throws BadRequest {
        Optional<String> text = text(name);
        if (text.isEmpty()) return OptionalInt.empty();
        if (!text.get().matches("[0-9]{1,8}") || Integer.parseInt(text.get()) > most) {
            throw new BadRequest(name + ": found " + text.get() + "; expected a number from 0 to " + most);
        }
        return OptionalInt.of(Integer.parseInt(text.get()));
    }

    String required(String name) throws BadRequest {
        return text(name).orElseThrow(() -> new BadRequest(name + " is missing"));
    }

    Optional<String> text(String name) throws BadRequest {
        JsonNode value = given(name);
        if (value == null) return Optional.empty();
        if (!value.isTextual()) throw new BadRequest(name + ": expected a string");
        return Optional.of(value.textValue());
    }

    boolean has(String name) {
        return given(name) != null;
    }

    boolean flag(String name) throws BadRequest {
        JsonNode value = given(name);
        if (value == null) return false;
        if (!value.isBoolean()) throw new BadRequest(name + ": expected true or false");
        return value.booleanValue();
    }

    private @Nullable JsonNode given(String name) {
        JsonNode value = values.get(name);
        return value == null || value.isNull() ? null : value;
    }
}
