package dev.peregrine.dataplane.policy.match;

import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The hashed part of a match, for one IP version: an entry for each combination of its destination ports and the
 * networks of the larger of its address sets. Of the smaller set only the common prefix of its networks is hashed.
 */
final class TupleEntries {
    /** Of a set with more networks than this, too, only the common prefix is hashed. */
    private static final int EXPANDED = 1024;

    private static final Range ANY_PORT = new Range(0, 0xffff);

    private final int family;
    private final FrameFields example = new FrameFields();
    private boolean alone;

    TupleEntries(int family) {
        this.family = family;
        example.family = family;
    }

    /** A frame with the hashed fields of the current entry. */
    FrameFields example() {
        return example;
    }

    /** Whether the match holds for each IPv4 packet with ports that has the hashed fields of the current entry. */
    boolean alone() {
        return alone;
    }

    /** Shows the exact tuple of each entry of a match. */
    void forEach(Match match, Consumer<Tuple> action) {
        List<Network> sources = networks(match.source());
        List<Network> destinations = networks(match.destination());
        boolean plain = isPlain(match);
        if (sources.size() > 1 && destinations.size() > 1) {
            plain = false;
            if (sources.size() < destinations.size()) {
                sources = cover(sources);
            } else {
                destinations = cover(destinations);
            }
        }
        List<Range> ports = match.destinationPorts().isEmpty() ? List.of(ANY_PORT) : match.destinationPorts();
        Range sourcePort = match.sourcePorts().size() == 1 ? match.sourcePorts().getFirst() : ANY_PORT;
        example.sourceMac = match.sourceMac();
        example.destinationMac = match.destinationMac();
        for (Network source : sources) {
            example.sourceHigh = source.high();
            example.sourceLow = source.low();
            for (Network destination : destinations) {
                example.destinationHigh = destination.high();
                example.destinationLow = destination.low();
                for (Range port : ports) {
                    example.ends = ((long) sourcePort.first() << 32) | port.first();
                    alone = plain && port.isPrefix() && sourcePort.isPrefix();
                    action.accept(new Tuple(
                            family,
                            source.length(),
                            destination.length(),
                            sourcePort.prefixLength(),
                            port.prefixLength(),
                            match.sourceMac() != Match.ANY,
                            match.destinationMac() != Match.ANY));
                }
            }
        }
    }

    /** Whether a match asks for nothing but IPv4 addresses and ports, with no set too large to be hashed. */
    private boolean isPlain(Match match) {
        return family == 4
                && match.sourceMac() == Match.ANY
                && match.destinationMac() == Match.ANY
                && match.sourcePorts().size() <= 1
                && match.tcpFlagsMask() == 0
                && !match.needsIcmp()
                && !isCovered(match.source())
                && !isCovered(match.destination());
    }

    private boolean isCovered(@Nullable AddressSet set) {
        return set != null && set.networks(family).size() > EXPANDED;
    }

    private List<Network> networks(@Nullable AddressSet set) {
        if (set == null) {
            return List.of(new Network(family == 6 ? 6 : 4, 0, 0, 0));
        }
        List<Network> networks = set.networks(family);
        return networks.size() > EXPANDED ? cover(networks) : networks;
    }

    private static List<Network> cover(List<Network> networks) {
        return List.of(networks.stream().reduce(Network::common).orElseThrow());
    }
}
