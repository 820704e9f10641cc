package dev.peregrine.dataplane.policy.conntrack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import dev.peregrine.dataplane.testing.FrameBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The answers of a {@link FlowTracker} for TCP connections. */
class FlowTrackerTcpTest extends FlowTrackerFixture {
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void followsAHandshake(boolean ipv6) {
        assertEquals(FlowState.INVALID, follow(tcp(true, ACK, ipv6)));
        assertEquals(FlowState.INVALID, follow(tcp(false, SYN | ACK, ipv6)));
        assertEquals(FlowState.NEW, pass(tcp(true, SYN, ipv6)));
        assertEquals(FlowState.ESTABLISHED, follow(tcp(true, SYN, ipv6)), "again");
        assertEquals(FlowState.INVALID, follow(tcp(true, ACK, ipv6)), "before the answer");
        assertEquals(FlowState.ESTABLISHED, follow(tcp(false, SYN | ACK, ipv6)));
        assertEquals(FlowState.ESTABLISHED, follow(tcp(true, ACK, ipv6)));
        assertEquals(FlowState.ESTABLISHED, follow(tcp(false, ACK, ipv6)));
    }

    @Test
    void forgetsNothingThatRulesHaveNotLetPass() {
        assertEquals(FlowState.NEW, follow(there(SYN)));
        assertEquals(INVALID, verdict(back(SYN | ACK)));
    }

    @Test
    void dropsImpossibleFlags() {
        connect();
        for (int flags : new int[] {0, FIN, SYN | FIN, SYN | RST, RST | FIN, SYN | FIN | ACK, 0xff}) {
            assertEquals(INVALID, verdict(there(flags)), "flags " + flags);
        }
    }

    @Test
    void respectsAReset() {
        connect();
        assertEquals(FlowState.ESTABLISHED, follow(back(RST)));
        assertEquals(INVALID, verdict(there(ACK)));
        assertEquals(INVALID, verdict(back(ACK)));
        assertEquals(FlowState.ESTABLISHED, follow(back(RST)), "a duplicate");
        assertEquals(FlowState.NEW, pass(there(SYN)), "a new connection");
        assertEquals(FlowState.ESTABLISHED, follow(back(SYN | ACK)));
    }

    /**
     * Reported by readers, as nf_conntrack has it (RFC 5961): only what stands where the sender is changes anything.
     */
    @ParameterizedTest
    @ValueSource(ints = {RST, RST | ACK, FIN | ACK})
    void aBlindResetOrFinLeavesAConnectionAlone(int flags) {
        connect();
        for (int away : new int[] {70_000, -70_000, 1 << 24, 1 << 30, Integer.MIN_VALUE}) {
            for (boolean there : new boolean[] {true, false}) {
                byte[] blind = FrameBuilder.tcp4()
                        .addresses(there ? "198.19.0.1" : "198.19.0.2", there ? "198.19.0.2" : "198.19.0.1")
                        .ports(there ? 40_000 : 80, there ? 80 : 40_000)
                        .sequence(1 + away)
                        .flags(flags)
                        .build();
                assertEquals(FlowState.ESTABLISHED, follow(blind), "it passes: the receiver knows better");
                now += 3600 * SECOND;
                assertEquals(FlowState.ESTABLISHED, follow(there(ACK)), "the connection lives");
                assertEquals(FlowState.ESTABLISHED, follow(back(ACK)));
            }
        }
        assertEquals(FlowState.ESTABLISHED, follow(back(RST)), "the true one");
        assertEquals(INVALID, verdict(there(ACK)));
    }

    @Test
    void respectsAClose() {
        connect();
        assertEquals(FlowState.ESTABLISHED, follow(there(FIN | ACK)));
        now += 200 * SECOND;
        assertEquals(FlowState.ESTABLISHED, follow(back(ACK)), "half-closed");
        assertEquals(FlowState.ESTABLISHED, follow(back(FIN | ACK)));
        assertEquals(FlowState.ESTABLISHED, follow(there(ACK)), "the last ACK");
        now += 40 * SECOND;
        assertEquals(FlowState.ESTABLISHED, follow(back(FIN | ACK)), "retransmission");
        now += 30 * SECOND;
        assertEquals(INVALID, verdict(back(ACK)), "over, whatever was sent since");
    }

    @Test
    void letsRulesDecideAboutANewConnectionOfTheOtherEnd() {
        connect();
        follow(there(RST));
        assertEquals(FlowState.NEW, pass(back(SYN)));
        assertEquals(FlowState.ESTABLISHED, follow(there(SYN | ACK)));
        assertEquals(FlowState.ESTABLISHED, follow(back(ACK)));
    }

    @Test
    void knowsSimultaneousOpenAndRefusal() {
        pass(there(SYN));
        assertEquals(FlowState.ESTABLISHED, follow(back(SYN)));
        assertEquals(FlowState.ESTABLISHED, follow(there(SYN | ACK)));
        assertEquals(FlowState.ESTABLISHED, follow(back(SYN | ACK)));
        assertEquals(FlowState.ESTABLISHED, follow(back(ACK)));
        segment++;
        pass(there(SYN));
        assertEquals(FlowState.ESTABLISHED, follow(back(RST | ACK)), "refused");
        assertEquals(INVALID, verdict(back(ACK)));
    }

    @Test
    void forgetsAHandshakeSoonerThanAConnection() {
        pass(there(SYN));
        now += 61 * SECOND;
        assertEquals(INVALID, verdict(back(SYN | ACK)));
        connect();
        now += 3600 * SECOND;
        assertEquals(FlowState.ESTABLISHED, follow(back(ACK)));
        now += 25 * 3600 * SECOND;
        assertEquals(INVALID, verdict(back(ACK)));
    }

    @Test
    void picksUpConnectionsOnlyIfTold() {
        states = new FlowStates(1000, FlowTimeouts.DEFAULT, true);
        tracker = states.tracker(true, states.tally());
        assertEquals(FlowState.NEW, pass(there(ACK)));
        assertEquals(FlowState.ESTABLISHED, follow(back(ACK)));
        assertEquals(INVALID, verdict(tcp(true, RST, true)));
        assertEquals(INVALID, verdict(tcp(true, SYN | ACK, true)));
    }

    /** Else the answerer's next segment, which rules may well let pass, would bring back what a rule denies. */
    @Test
    void onlyTheOpenerHasAnEndedConnectionPickedUp() {
        states = new FlowStates(1000, FlowTimeouts.DEFAULT, true);
        tracker = states.tracker(true, states.tally());
        connect();
        assertEquals(1, states.flows().flush(flow -> true, now));
        assertEquals(0, states.flows().flush(flow -> true, now), "it has ended");
        states.flows().forEach(flow -> fail("it is shown: " + flow), now);
        for (int hours = 0; hours < 48; hours++) {
            assertEquals(INVALID, verdict(back(ACK)), "hour " + hours);
            assertEquals(INVALID, verdict(back(FIN | ACK)));
            assertEquals(INVALID, verdict(there(RST)));
            now += 3600 * SECOND;
        }
        assertEquals(FlowState.NEW, follow(there(ACK)), "rules decide");
        assertEquals(INVALID, verdict(back(ACK)), "they did not let it pass");
        assertEquals(FlowState.NEW, pass(there(ACK)));
        assertEquals(FlowState.ESTABLISHED, follow(back(ACK)));
        assertEquals(1, states.flows().flush(flow -> true, now));
        assertEquals(FlowState.NEW, pass(back(SYN)), "a new connection");
        assertEquals(FlowState.ESTABLISHED, follow(there(SYN | ACK)));
        assertEquals(1, states.flows().flush(flow -> true, now));
        now += 25 * 3600 * SECOND;
        assertEquals(FlowState.NEW, pass(there(ACK)), "nobody has tried it for a day");
        assertEquals(1, states.flows().forget(flow -> true, now));
        assertEquals(FlowState.NEW, pass(back(ACK)), "nothing is kept in mind");
    }
}
