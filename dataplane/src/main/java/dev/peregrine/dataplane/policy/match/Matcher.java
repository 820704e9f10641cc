package dev.peregrine.dataplane.policy.match;

import dev.peregrine.dataplane.header.IpProtocol;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * Finds the first of an ordered list of matches that holds for a frame, at a cost that hardly depends on how many
 * there are: tuple space search (Srinivasan, Suri and Varghese 1999), one space for each IP version and transport
 * protocol. An immutable snapshot that all workers share.
 */
public final class Matcher {
    /** No match holds. */
    public static final int NONE = -1;

    private static final int SPACES = 7;
    private static final int NOT_IP = 6;

    private final Match[] matches;
    private final TupleSpace[] spaces;

    private Matcher(Match[] matches, IntFunction<TupleSpace> space) {
        this.matches = matches;
        spaces = IntStream.range(0, SPACES).mapToObj(space).toArray(TupleSpace[]::new);
    }

    /** Compiles a list. */
    public static Matcher of(List<Match> matches) {
        Match[] ordered = matches.toArray(Match[]::new);
        return new Matcher(ordered, space -> TupleSpace.of(family(space), protocols(space), ordered));
    }

    /** A matcher for one more match, at place {@code at}; it shares the unchanged parts with this one. */
    public Matcher with(int at, Match match) {
        Match[] more = new Match[matches.length + 1];
        System.arraycopy(matches, 0, more, 0, at);
        more[at] = match;
        System.arraycopy(matches, at, more, at + 1, matches.length - at);
        return new Matcher(more, space -> spaces[space].with(at, more));
    }

    /** A matcher without the match at place {@code at}; it shares the unchanged parts with this one. */
    public Matcher without(int at) {
        Match[] less = new Match[matches.length - 1];
        System.arraycopy(matches, 0, less, 0, at);
        System.arraycopy(matches, at + 1, less, at, less.length - at);
        return new Matcher(less, space -> spaces[space].without(at, less));
    }

    /** The place of the first match that holds, from 0; {@link #NONE} when none does. */
    public int find(FrameFields frame) {
        return spaces[space(frame)].find(frame);
    }

    private static int space(FrameFields frame) {
        if (frame.family == 0) {
            return NOT_IP;
        }
        int kind = frame.protocol == IpProtocol.TCP ? 0 : frame.protocol == IpProtocol.UDP ? 1 : 2;
        return frame.family == 4 ? kind : 3 + kind;
    }

    private static int family(int space) {
        return space == NOT_IP ? 0 : space < 3 ? 4 : 6;
    }

    private static TupleSpace.Protocols protocols(int space) {
        return space == NOT_IP
                ? TupleSpace.Protocols.NOT_IP
                : switch (space % 3) {
                    case 0 -> TupleSpace.Protocols.TCP;
                    case 1 -> TupleSpace.Protocols.UDP;
                    default -> TupleSpace.Protocols.OTHER_IP;
                };
    }
}
