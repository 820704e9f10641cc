package dev.peregrine.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.device.fdb.Fdb;
import dev.peregrine.dataplane.device.port.Port;
import dev.peregrine.dataplane.header.TcpHeader;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.packet.Verdict;
import dev.peregrine.dataplane.stage.Stage;
import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.dataplane.testing.Packets;
import dev.peregrine.gateway.config.ConfigFile;
import dev.peregrine.gateway.config.PolicyText;
import dev.peregrine.gateway.control.ChangeUnconfirmed;
import dev.peregrine.gateway.control.Direction;
import dev.peregrine.gateway.control.report.policy.PolicyTestRow;
import dev.peregrine.gateway.control.request.policy.PolicyQuestion;
import dev.peregrine.gateway.control.request.policy.PolicyScope;
import dev.peregrine.gateway.policy.PolicyCommands;
import dev.peregrine.gateway.policy.PolicyControl;
import dev.peregrine.gateway.policy.PolicyControl.Scope;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The policy of one port as the configuration has it, as commands change it, and what becomes of frames. */
class PolicyControlTest {
    private static final int PASS = Verdict.forward(0);
    private static final int DENIED = Verdict.drop(DropReason.POLICY_DENIED);
    private static final int INVALID = Verdict.drop(DropReason.STATE_INVALID);
    private static final long SECOND = 1_000_000_000L;
    private static final String CLIENT = "198.19.0.1";
    private static final String SERVER = "198.19.0.2";
    private static final String TRACKED = """
            replies: on
            out: {default: deny, rules: [{name: ssh, action: allow, protocol: tcp, tcpFlags: "syn,!ack"}]}
            """;
    private static final String PLAIN = """
            underlay: {local: 198.18.0.2}
            vnis:
              - vni: 42
                flood: [198.18.0.1]
                ports: [{name: web, type: tap, device: eth0, mac: "02:00:00:00:00:02", addresses: [198.19.0.2/24]}]
            """;

    private static final Port WEB = new Port(0, "web", 0, false, 1500);

    private final PacketPool pool = new PacketPool(1, 1);
    private final PolicyScope port = new PolicyScope(null, "web");
    private long now = System.nanoTime();

    @AfterEach
    void close() {
        assertTrue(pool.isFull(), "a packet was lost");
        pool.close();
    }

    private static PolicyControl control(String yaml) throws Exception {
        return new PolicyControl(ConfigFile.parse("f", yaml).config(), new Fdb(16), 1, () -> {});
    }

    private void replace(PolicyControl control, String policy) throws Exception {
        Scope scope = control.scope(port);
        control.replace(scope, PolicyText.policy("p", policy, Set.of(), scope.config()));
    }

    /** The verdict on a frame that goes to the workload. */
    private int out(PolicyControl control, byte[] frame) {
        return verdict(control, control.policy().out(0, WEB), frame);
    }

    /** The verdict on a frame that comes from the workload. */
    private int in(PolicyControl control, byte[] frame) {
        return verdict(control, control.policy().in(0, WEB), frame);
    }

    private int verdict(PolicyControl control, Stage stage, byte[] frame) {
        control.policy().refresh(0);
        Packet packet = Packets.frame(pool, frame).segment(0).inPort(5).outPort(0);
        Batch batch = Packets.batch(packet);
        batch.nowNanos(now);
        stage.process(batch);
        int verdict = batch.verdict(0);
        pool.release(packet);
        return verdict;
    }

    private static byte[] tcp(int flags) {
        return FrameBuilder.tcp4()
                .addresses(CLIENT, SERVER)
                .ports(4000, 22)
                .flags(flags)
                .build();
    }

    private static byte[] answer(int flags) {
        return FrameBuilder.tcp4()
                .addresses(SERVER, CLIENT)
                .ports(22, 4000)
                .flags(flags)
                .build();
    }

    private PolicyControl connected() throws Exception {
        PolicyControl control = control(PLAIN);
        replace(control, TRACKED);
        assertEquals(PASS, out(control, tcp(TcpHeader.SYN)));
        assertEquals(PASS, out(control, tcp(TcpHeader.SYN)));
        return control;
    }

    @Test
    void aNewRuleEndsTheFlowsThatItDeniesIfAsked() throws Exception {
        PolicyControl control = connected();
        Scope scope = control.scope(port);
        String rule = "{name: stop, action: deny, protocol: tcp, destinationPorts: [22]}";
        control.add(scope, false, PolicyText.rule("r", rule, Set.of()), Optional.of("ssh"));
        assertEquals(PASS, out(control, tcp(TcpHeader.SYN)), "it goes on, for nobody asked");
        assertEquals(1, control.endDenied(scope));
        assertEquals(DENIED, out(control, tcp(TcpHeader.SYN)));
        assertEquals(0, control.endDenied(scope));
    }

    /** It may begin connections of its own, and what it still sends looks like one in its middle. */
    @Test
    void theWorkloadDoesNotBringBackAFlowThatHasEnded() throws Exception {
        PolicyControl control = connected();
        Scope scope = control.scope(port);
        assertEquals(PASS, in(control, answer(TcpHeader.SYN | TcpHeader.ACK)));
        assertEquals(PASS, out(control, tcp(TcpHeader.ACK)));
        String rule = "{name: stop, action: deny, protocol: tcp, destinationPorts: [22]}";
        control.add(scope, false, PolicyText.rule("r", rule, Set.of()), Optional.of("ssh"));
        assertEquals(PASS, out(control, tcp(TcpHeader.ACK)));
        assertEquals(1, control.endDenied(scope));
        for (int i = 0; i < 100; i++) {
            in(control, answer(TcpHeader.ACK));
            assertEquals(DENIED, out(control, tcp(TcpHeader.ACK)), "second " + 10 * i);
            now += 10 * SECOND;
        }
        assertEquals(0, control.endDenied(scope));
    }

    @Test
    void flowsThatTheNewRulesLetBeginGoOn() throws Exception {
        PolicyControl control = connected();
        Scope scope = control.scope(port);
        String rule = "{name: stop, action: deny, protocol: tcp, destinationPorts: [80]}";
        control.add(scope, false, PolicyText.rule("r", rule, Set.of()), Optional.of("ssh"));
        assertEquals(0, control.endDenied(scope));
        assertEquals(PASS, out(control, tcp(TcpHeader.SYN)));
    }

    @Test
    void flowsDoNotComeBackWhenTheyWereNotFollowedMeanwhile() throws Exception {
        for (String between : List.of("{}", TRACKED.replace("replies: on", "replies: off"))) {
            PolicyControl control = connected();
            assertEquals(1, control.policy().states().opened());
            replace(control, between);
            replace(control, TRACKED);
            control.policy().states().flows().forEach(flow -> assertTrue(false, () -> "it is there: " + flow), now);
            assertEquals(Verdict.drop(DropReason.POLICY_DEFAULT), out(control, tcp(TcpHeader.ACK)), "no rule, no flow");
        }
    }

    @Test
    void policyTestWalksAsAFrameDoes() throws Exception {
        PolicyControl control = connected();
        PolicyCommands commands = new PolicyCommands(control);
        String segment = "{protocol: tcp, source: %s, destination: %s, sourcePort: %d, destinationPort: %d}";
        List<PolicyTestRow> rows = commands.test(question(Direction.OUT, segment.formatted(CLIENT, SERVER, 4000, 22)));
        assertEquals("(replies)", rows.getFirst().rule());
        assertEquals("pass", rows.getLast().verdict());
        rows = commands.test(question(Direction.OUT, segment.formatted(CLIENT, SERVER, 4001, 22)));
        assertEquals("drop", rows.getLast().verdict());
        assertEquals("POLICY_DEFAULT", rows.getLast().reason());
        replace(control, "{antiSpoofing: {}, storm: {broadcast: 10}, in: {packetsPerSecond: 5}}");
        rows = commands.test(question(Direction.IN, segment.formatted("198.19.0.99", CLIENT, 22, 4000)));
        assertEquals("port web antiSpoofing", rows.getFirst().list());
        assertEquals("SPOOFED_SOURCE_ADDRESS", rows.getLast().reason());
        assertEquals(2, rows.size(), rows::toString);
        rows = commands.test(question(Direction.IN, segment.formatted(SERVER, CLIENT, 22, 4000)));
        assertEquals(
                List.of("pass", "limit", "limit"),
                rows.stream().map(PolicyTestRow::verdict).toList());
        String broadcast =
                "{protocol: udp, source: 198.19.0.2, destination: 255.255.255.255, destinationMac: \"ff:ff:ff:ff:ff:ff\"}";
        rows = commands.test(question(Direction.IN, broadcast));
        assertEquals("port web storm", rows.get(1).list());
    }

    private static PolicyQuestion question(Direction direction, String packet) {
        return new PolicyQuestion(null, "web", direction, packet);
    }

    /** Reported by a user: the manual's own example let a flood of pings pass. */
    @Test
    void theManualsExampleLimitsPing() throws Exception {
        String page = Files.readString(Path.of("../docs/policy.md"));
        int begin = page.indexOf("```yaml\n") + "```yaml\n".length();
        String example = page.substring(begin, page.indexOf("```", begin));
        PolicyControl control = control("underlay: {local: 198.18.0.2}\n" + example);
        int passed = 0;
        for (int millis = 0; millis < 10_000; millis++) {
            byte[] ping =
                    FrameBuilder.echo4().addresses(CLIENT, SERVER).echoId(7).build();
            passed += out(control, ping) == PASS ? 1 : 0;
            now += SECOND / 1000;
        }
        assertTrue(passed >= 100 && passed <= 105, passed + " of 10,000 pings passed");
        assertEquals(PASS, out(control, tcp(TcpHeader.SYN, 80)), "the rest of it");
        assertEquals(DENIED, out(control, tcp(TcpHeader.SYN)));
        assertEquals(INVALID, out(control, tcp(TcpHeader.SYN | TcpHeader.ACK)));
    }

    private static byte[] tcp(int flags, int port) {
        return FrameBuilder.tcp4()
                .addresses(CLIENT, SERVER)
                .ports(4000, port)
                .flags(flags)
                .build();
    }

    /** A worker may follow the flow until it has confirmed that it does not: then nothing brings the flow back. */
    @Test
    void flowsOfAPolicyEndWhenAllWorkersHaveConfirmedItsEnd() throws Exception {
        AtomicBoolean isStuck = new AtomicBoolean();
        PolicyControl control = new PolicyControl(ConfigFile.parse("f", PLAIN).config(), new Fdb(16), 1, () -> {
            if (isStuck.get()) throw new ChangeUnconfirmed("the change is made", "worker 0 is stuck", null);
        });
        replace(control, TRACKED);
        assertFalse(control.isUnsettled());
        assertEquals(PASS, out(control, tcp(TcpHeader.SYN)));
        isStuck.set(true);
        assertThrows(ChangeUnconfirmed.class, () -> replace(control, "{}"));
        assertTrue(control.isUnsettled());
        assertThrows(ChangeUnconfirmed.class, control::settle);
        assertTrue(control.isUnsettled(), "asked again, not confirmed either");
        assertEquals(1, flows(control));
        isStuck.set(false);
        control.settle();
        assertFalse(control.isUnsettled());
        assertEquals(0, flows(control));
    }

    private static int flows(PolicyControl control) {
        int[] count = new int[1];
        control.policy().states().flows().forEach(flow -> count[0]++, System.nanoTime());
        return count[0];
    }
}
