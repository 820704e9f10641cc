package dev.peregrine.dataplane.policy.conntrack;

import java.time.Duration;

/**
 * After which silence a flow is forgotten. Told to a quarter of a second, each from 1 second to 48 days.
 *
 * @param tcpHandshake a TCP connection whose handshake is not complete
 * @param tcpEstablished a TCP connection
 * @param tcpHalfClosed a TCP connection of which one end has sent FIN
 * @param tcpClosed from the second FIN on: for retransmissions, whatever packets come then
 * @param tcpReset from a reset on: for its duplicates
 * @param udp UDP in one direction only
 * @param udpReplied UDP in both directions
 * @param echo ICMP echo
 * @param other other protocols above IP
 * @param fragments the later fragments of a datagram, from the first on
 */
public record FlowTimeouts(
        Duration tcpHandshake,
        Duration tcpEstablished,
        Duration tcpHalfClosed,
        Duration tcpClosed,
        Duration tcpReset,
        Duration udp,
        Duration udpReplied,
        Duration echo,
        Duration other,
        Duration fragments) {

    /**
     * RFC 5382 REQ-5 for TCP (at least 2 h 4 min, and 4 min for connections that are opened or closed), RFC 4787
     * REQ-5 for UDP (at least 2 min, once replied), RFC 5508 REQ-2 for echo (60 s), RFC 8200 section 4.5 for
     * reassembly. Handshakes and one-sided UDP are kept for less, since floods are made of them.
     */
    public static final FlowTimeouts DEFAULT = new FlowTimeouts(
            Duration.ofSeconds(60),
            Duration.ofHours(24),
            Duration.ofMinutes(4),
            Duration.ofSeconds(60),
            Duration.ofSeconds(10),
            Duration.ofSeconds(30),
            Duration.ofSeconds(180),
            Duration.ofSeconds(60),
            Duration.ofSeconds(600),
            Duration.ofSeconds(60));

    /** The shortest that is kept apart from none. */
    public static final Duration SHORTEST = Duration.ofSeconds(1);

    private static final Duration LONGEST = Duration.ofDays(48);

    /** The timeouts in ticks, by phase. */
    int[] ticks() {
        int[] ticks = new int[StateWord.PHASES];
        ticks[StateWord.SYN_SENT] = ticks(tcpHandshake);
        ticks[StateWord.SYN_RECEIVED] = ticks(tcpHandshake);
        ticks[StateWord.PICKED_UP] = ticks(tcpHandshake);
        ticks[StateWord.ESTABLISHED] = ticks(tcpEstablished);
        ticks[StateWord.HALF_CLOSED] = ticks(tcpHalfClosed);
        ticks[StateWord.CLOSED] = ticks(tcpClosed);
        ticks[StateWord.RESET] = ticks(tcpReset);
        ticks[StateWord.UDP] = ticks(udp);
        ticks[StateWord.UDP_REPLIED] = ticks(udpReplied);
        ticks[StateWord.ECHO] = ticks(echo);
        ticks[StateWord.ECHO_REPLIED] = ticks(echo);
        ticks[StateWord.OTHER] = ticks(other);
        ticks[StateWord.OTHER_REPLIED] = ticks(other);
        ticks[StateWord.FRAGMENTS] = ticks(fragments);
        return ticks;
    }

    private static int ticks(Duration timeout) {
        if (timeout.compareTo(SHORTEST) < 0 || timeout.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("timeout " + timeout + " is not in " + SHORTEST + " to " + LONGEST);
        }
        return (int) (timeout.toNanos() >>> StateWord.TICK_BITS);
    }
}
