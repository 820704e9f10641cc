package dev.peregrine.gateway.config.change;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.linux.sys.AddressText;
import dev.peregrine.dataplane.testing.Seed;
import dev.peregrine.gateway.config.ConfigFile;
import dev.peregrine.gateway.config.model.FdbEntryConfig;
import dev.peregrine.gateway.config.model.GatewayConfig;
import dev.peregrine.gateway.config.model.PortConfig;
import dev.peregrine.gateway.config.model.VniConfig;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DifferenceTest {
    private static final int PAIRS = Seed.rounds(300);

    private final long seed = Long.getLong("peregrine.seed", new Random().nextLong());
    private final Random random = new Random(seed);

    @RepeatedTest(3)
    void theActionsMakeTheOtherConfiguration() {
        RandomConfig configs = new RandomConfig(random, true);
        for (int i = 0; i < PAIRS; i++) {
            GatewayConfig before = configs.next();
            GatewayConfig after = configs.next();
            List<Action> actions = Difference.between(before, after);
            GatewayConfig made = before;
            for (Action action : actions) {
                made = action.applyTo(made);
            }
            assertEquals(
                    sorted(after),
                    sorted(new GatewayConfig(
                            made.underlay().port() == after.underlay().port() ? made.underlay() : after.underlay(),
                            after.workers(),
                            made.schedule(),
                            made.fastpath().capacity() == after.fastpath().capacity()
                                    ? made.fastpath()
                                    : after.fastpath(),
                            made.addressSets(),
                            made.flowStates(),
                            made.vnis(),
                            made.control())),
                    "seed " + seed + ", pair " + i);
            assertEquals(List.of(), reloadable(Difference.between(made, after)), "seed " + seed + ", pair " + i);
        }
    }

    private static List<Action> reloadable(List<Action> actions) {
        return actions.stream()
                .filter(action -> !(action instanceof Action.NeedRestart))
                .toList();
    }

    @Test
    void nothingDiffersFromItselfInAnyOrder() {
        RandomConfig configs = new RandomConfig(random, true);
        for (int i = 0; i < PAIRS; i++) {
            GatewayConfig config = configs.next();
            assertEquals(List.of(), Difference.between(config, config), "seed " + seed);
            assertEquals(List.of(), Difference.between(config, shuffled(config)), "seed " + seed);
        }
    }

    /** As a gateway makes them: what is named is there, and nothing is there twice. */
    @Test
    void everyActionFindsWhatItNeeds() {
        RandomConfig configs = new RandomConfig(random, false);
        for (int i = 0; i < PAIRS; i++) {
            GatewayConfig now = configs.next();
            for (Action action : Difference.between(now, configs.next())) {
                String where = action + ", seed " + seed + ", pair " + i;
                switch (action) {
                    case Action.AddVni add ->
                        assertTrue(now.vni(add.vni().vni()).isEmpty(), where);
                    case Action.RemoveVni remove ->
                        assertEquals(
                                now.vni(remove.vni()).orElseThrow().bare(),
                                now.vni(remove.vni()).orElseThrow(),
                                where);
                    case Action.AddPort add -> {
                        assertTrue(now.vni(add.vni()).isPresent(), where);
                        assertFalse(devices(now).contains(device(add.port())), where);
                        assertFalse(names(now).contains(add.port().name()), where);
                    }
                    case Action.RemovePort remove ->
                        assertTrue(names(now).contains(remove.port().name()), where);
                    case Action.SetEntry set -> {
                        Set<String> names = names(now);
                        assertTrue(set.entry().port().stream().allMatch(names::contains), where);
                    }
                    default -> assertFalse(action.lines().isEmpty(), where);
                }
                now = action.applyTo(now);
            }
        }
    }

    private static Set<String> names(GatewayConfig config) {
        Set<String> names = new HashSet<>();
        config.vnis().forEach(vni -> vni.ports().forEach(port -> names.add(port.name())));
        return names;
    }

    private static Set<String> devices(GatewayConfig config) {
        Set<String> devices = new HashSet<>();
        config.vnis().forEach(vni -> vni.ports().forEach(port -> devices.add(device(port))));
        return devices;
    }

    private static String device(PortConfig port) {
        return port.device() == null ? String.valueOf(port.deliver()) : port.netns() + " " + port.device();
    }

    @Test
    void whatComesComesBeforeWhatGoes() throws Exception {
        GatewayConfig before = config("flood: [10.0.0.1], ports: [{name: a, type: tap, device: a}]");
        GatewayConfig after = config("flood: [10.0.0.2], ports: [{name: b, type: tap, device: b}]");
        assertEquals(
                List.of("AddFlood", "AddPort", "RemoveFlood", "RemovePort"),
                Difference.between(before, after).stream()
                        .map(action -> action.getClass().getSimpleName())
                        .toList());
    }

    @Test
    void aPortThatTakesAnothersDeviceComesAfterItAndItsEntriesWithIt() throws Exception {
        String fdb = "fdb: [{mac: \"02:00:00:00:00:01\", port: a}], ";
        GatewayConfig before = config(fdb + "ports: [{name: a, type: tap, device: a}]");
        GatewayConfig after = config(fdb + "ports: [{name: a, type: tap, device: a, queues: 2}]");
        List<Action> actions = Difference.between(before, after);
        assertEquals(
                List.of("RemovePort", "AddPort", "SetEntry"),
                actions.stream()
                        .map(action -> action.getClass().getSimpleName())
                        .toList());
        FdbEntryConfig entry = after.vnis().getFirst().fdb().getFirst();
        assertEquals(new Action.SetEntry(42, entry, entry), actions.getLast());
    }

    @ParameterizedTest
    @CsvSource({
        "blue, /run/netns/blue, true",
        "/var/run/netns/blue, /run/netns/blue, true",
        "blue, /proc/12/ns/net, true",
        "blue, red, false",
        "blue, /run/netns/red, false"
    })
    void aDeviceIsTakenOverInANamespaceHoweverThatIsWritten(String one, String other, boolean isSame) throws Exception {
        GatewayConfig before = config("ports: [{name: a, type: tap, device: x, netns: " + one + "}]");
        GatewayConfig after = config("ports: [{name: b, type: tap, device: x, netns: " + other + "}]");
        assertEquals(
                isSame ? List.of("RemovePort", "AddPort") : List.of("AddPort", "RemovePort"),
                Difference.between(before, after).stream()
                        .map(action -> action.getClass().getSimpleName())
                        .toList());
    }

    @Test
    void anotherPolicyLeavesThePort() throws Exception {
        GatewayConfig before = config("ports: [{name: a, type: tap, device: a}]");
        GatewayConfig after = config("ports: [{name: a, type: tap, device: a, policy: {in: {default: deny}}}]");
        Action.SetPolicy only =
                (Action.SetPolicy) Difference.between(before, after).getFirst();
        assertEquals("a", only.port());
        assertTrue(only.lines().getFirst().toString().startsWith("+ vni 42 port a policy {"), only.lines()::toString);
    }

    @Test
    void keysThatTakeARestartChangeNothing() throws Exception {
        GatewayConfig before = config("");
        GatewayConfig after = ConfigFile.parse("f", "underlay: {local: 10.0.0.101, port: 4790}\nvnis: [{vni: 42}]")
                .config();
        List<Action> actions = Difference.between(before, after);
        assertEquals(
                List.of("~ underlay.local: 10.0.0.100 -> 10.0.0.101", "~ underlay.port: 4789 -> 4790"),
                actions.stream()
                        .flatMap(action -> action.lines().stream())
                        .map(Line::toString)
                        .toList());
        for (Action action : actions) {
            assertEquals(before, action.applyTo(before));
        }
        assertEquals(2, Outcome.of(false, actions, List.of()).restart().size());
    }

    private static GatewayConfig config(String vni) throws Exception {
        return ConfigFile.parse("f", "underlay: {local: 10.0.0.100}\nvnis: [{vni: 42, " + vni + "}]")
                .config();
    }

    private GatewayConfig shuffled(GatewayConfig config) {
        return config.withVnis(shuffled(config.vnis()).stream()
                .map(vni -> vni.withFlood(shuffled(vni.flood()))
                        .withFdb(shuffled(vni.fdb()))
                        .withNeighbours(shuffled(vni.neighbours()))
                        .withPorts(shuffled(vni.ports())))
                .toList());
    }

    private <T> List<T> shuffled(List<T> list) {
        List<T> other = new ArrayList<>(list);
        Collections.shuffle(other, random);
        return other;
    }

    private static GatewayConfig sorted(GatewayConfig config) {
        return config.withUnderlay(config.underlay()
                        .withVteps(sorted(config.underlay().vteps(), Comparator.comparing(AddressText::of))))
                .withVnis(sorted(config.vnis(), Comparator.comparingInt(VniConfig::vni)).stream()
                        .map(vni -> vni.withFlood(sorted(vni.flood(), Comparator.comparing(AddressText::of)))
                                .withFdb(sorted(
                                        vni.fdb(),
                                        Comparator.comparingLong(
                                                entry -> entry.mac().value())))
                                .withNeighbours(sorted(
                                        vni.neighbours(),
                                        Comparator.comparing(neighbour -> AddressText.of(neighbour.address()))))
                                .withPorts(sorted(vni.ports(), Comparator.comparing(PortConfig::name))))
                        .toList());
    }

    private static <T> List<T> sorted(List<T> list, Comparator<? super T> order) {
        return list.stream().sorted(order).toList();
    }
}
