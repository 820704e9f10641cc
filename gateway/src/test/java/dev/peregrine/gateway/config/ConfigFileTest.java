package dev.peregrine.gateway.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.policy.match.Range;
import dev.peregrine.gateway.config.model.ControlConfig;
import dev.peregrine.gateway.config.model.GatewayConfig;
import dev.peregrine.gateway.config.model.HttpConfig;
import dev.peregrine.gateway.config.model.SocketPortConfig;
import dev.peregrine.gateway.config.model.TapPortConfig;
import dev.peregrine.gateway.config.model.VniConfig;
import dev.peregrine.gateway.config.schema.BadConfig;
import dev.peregrine.gateway.config.schema.ConfigError;
import dev.peregrine.gateway.config.schema.Reading;
import dev.peregrine.gateway.config.value.Delivery;
import dev.peregrine.gateway.config.value.MacAddress;
import dev.peregrine.vxlan.TunnelSettings;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigFileTest {
    static final String MINIMAL = "underlay: {local: 198.18.0.2}\n";

    @Test
    void oneFloodListDoesForAllGateways() throws Exception {
        ConfigFile file = ConfigFile.parse("f", MINIMAL + """
                vnis:
                  - {vni: 42, flood: [198.18.0.1, 198.18.0.2, 198.18.0.3]}
                  - {vni: 43, flood: [198.18.0.1]}
                """);
        List<VniConfig> vnis = file.config().vnis();
        assertEquals(
                List.of(InetAddress.ofLiteral("198.18.0.1"), InetAddress.ofLiteral("198.18.0.3")),
                vnis.getFirst().flood());
        assertEquals(1, vnis.getLast().flood().size());
        assertEquals(List.of(), file.absences());
        assertTrue(file.error(vnis.getFirst(), "flood", "a", "b").toString().contains("f:3"));
    }

    @Test
    void readsEveryKeyOfTheContract() throws Exception {
        GatewayConfig config = everyKey().config();

        assertEquals(InetAddress.ofLiteral("198.18.0.2"), config.underlay().local());
        assertEquals(Optional.of("uB"), config.underlay().device());
        assertEquals(new Range(49152, 65535), config.underlay().sourcePorts());
        assertEquals(64, config.underlay().tunnel().ttl());
        assertEquals(TunnelSettings.INHERIT, config.underlay().tunnel().dscp());
        assertEquals("[198.18.0.0/24]", config.allowedVteps().toString());
        assertEquals(8L << 20, config.underlay().receiveBufferBytes());
        VniConfig vni = config.vnis().getFirst();
        assertEquals(42, vni.vni());
        assertEquals(Duration.ofMinutes(5), vni.ageing());
        assertEquals("02:00:00:00:00:01", vni.fdb().getFirst().mac().toString());
        TapPortConfig web = (TapPortConfig) vni.ports().get(0);
        assertEquals("[198.19.0.2/24]", web.addresses().toString());
        assertEquals(Optional.of("cB"), web.netns());
        assertEquals("0.0.0.0/0", web.routes().getFirst().to().toString());
        SocketPortConfig app = (SocketPortConfig) vni.ports().get(1);
        assertEquals(new Delivery.UnixSocket(Path.of("/run/app.sock")), app.deliver());
        assertEquals(9000, app.listen().getPort());
        assertEquals(
                HttpConfig.at(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 9464)),
                config.control().http());
    }

    @Test
    void everyKeyIsFollowed() throws Exception {
        assertEquals(List.of(), everyKey().warnings());
    }

    @Test
    void fillsDefaultsAndWarnsOfNoOtherThanAVniWithoutVteps() throws Exception {
        ConfigFile file = parse(MINIMAL + "vnis: [{vni: 0}]\n");
        GatewayConfig config = file.config();

        assertEquals(
                List.of(
                        "f:2: warning: vnis[0].flood: neither flood nor fdb names a VTEP: broadcasts and frames to unknown"
                                + " hosts stay on this host, and none is accepted"),
                file.warnings());
        assertEquals(4789, config.underlay().port());
        assertEquals(HttpConfig.AUTO, config.control().http());
        assertEquals(ControlConfig.defaultSocket(), config.control().socket());
        assertEquals(OptionalInt.empty(), config.workers().count());
    }

    @Test
    void effectiveConfigurationReadsBackAsTheSameRecords() throws Exception {
        for (ConfigFile file : List.of(everyKey(), parse(MINIMAL), parse(UNUSUAL))) {
            String effective = file.effective();
            assertEquals(file.config(), parse(effective).config(), effective);
            assertEquals(effective, parse(effective).effective());
        }
    }

    /**
     * Every line stands there, in order: a default or a form that changes is seen, and a new key changes no example.
     */
    @Test
    void effectiveConfigurationHasTheseLinesInThisOrder() throws Exception {
        int examples = 0;
        for (String example : resource("effective-configs.txt").split("===\n", -1)) {
            String[] parts = example.split(">>>\n", 2);
            String effective = parse(parts[0]).effective();
            Iterator<String> written = effective.lines().iterator();
            for (String line : parts[1].lines().toList()) {
                assertTrue(isAhead(line, written), () -> "no line '" + line + "' in its place in\n" + effective);
            }
            examples++;
        }
        assertEquals(2, examples);
    }

    private static boolean isAhead(String line, Iterator<String> written) {
        while (written.hasNext()) {
            if (written.next().equals(line)) return true;
        }
        return false;
    }

    static final String UNUSUAL = """
            underlay: {local: "fd00::2", ttl: inherit, dscp: 46, checksum: off, df: off, allow: [], sourcePorts: 1-4788,
              receiveBuffer: 65537, offload: {gro: off, gso: on}}
            workers: {count: 2, cpus: [0, 2-3]}
            vnis:
            - vni: 16777215
              mtu: 1280
              fdbLimitPerPort: 17
              mssClamp: true
              suppressNeighbours: true
              neighbours: [{address: "fd19::7", mac: "02:00:00:00:00:07"}, {address: 198.19.0.7, mac: "02:00:00:00:00:07"}]
              ageing: 0
              flood: ["fd00::1"]
              fdb: [{mac: "02:00:00:00:00:09", port: a}]
              ports:
              - {name: a, type: tap, device: t0, netns: /proc/1/ns/net, addresses: ["fd01::1/64", 198.19.0.1/24], routes: [{to: "::/0"}], queues: 4}
              - {name: b, type: socket, listen: "[fd01::9]:53", deliver: "udp:[::1]:5353"}
            - vni: 7
              ageing: 90500ms
              policy:
                in:
                  default: deny
                  rules:
                  - {name: arp, action: allow, protocol: arp}
                  - {name: web, action: limit, protocol: tcp, source: ["set:all", "fd00::/8"], destination: [198.19.0.2],
                     sourcePorts: [1024-65535], destinationPorts: [80, 8000-8100], tcpFlags: "syn,!ack",
                     packetsPerSecond: 5k, bitsPerSecond: 10M, logEvery: 100}
                  - {name: ping, action: allow, protocol: icmp, icmpType: 8, icmpCode: 0, sourceMac: "02:00:00:00:00:01"}
                  - {name: gre, action: deny, protocol: 47, destinationMac: "ff:ff:ff:ff:ff:ff"}
                replies: on
                storm: {broadcast: 100, unknownUnicast: 1k, multicast: 5G}
            - vni: 8
              ports:
              - name: c
                type: tap
                device: t1
                policy: {antiSpoofing: {macs: [], addresses: [198.19.0.0/24], router: on}, out: {bitsPerSecond: 10M}}
            flowStates: {capacity: 1000, udp: 1500ms, pickUp: off}
            addressSets: [{name: all, addresses: [198.19.0.0/16, "fd01::/64"]}]
            control: {socket: "/tmp/a b: c.sock"}
            """;

    @Test
    void aVtepsPortKeepsItsDerivedMacAndAnotherVtepsDiffers() throws Exception {
        String ports = "vnis: [{vni: 42, ports: [{name: web, type: tap, device: eth0}]}]\n";
        MacAddress first = mac(parse(MINIMAL + ports));
        assertEquals(first, mac(parse(MINIMAL + ports)));
        assertNotEquals(first, mac(parse("underlay: {local: 198.18.0.1}\n" + ports)));
        assertTrue(first.isUnicast());
        assertEquals(2, first.value() >>> 40 & 3, "locally administered unicast: " + first);
    }

    private static MacAddress mac(ConfigFile file) {
        return ((TapPortConfig) file.config().vnis().getFirst().ports().getFirst()).mac();
    }

    @Test
    void defaultSocketDependsOnTheUser() {
        assertEquals(
                Path.of("/run/peregrine/control.sock"),
                ControlConfig.defaultSocket(0, Map.of("XDG_RUNTIME_DIR", "/x")));
        assertEquals(
                Path.of("/run/user/7/peregrine/control.sock"),
                ControlConfig.defaultSocket(7, Map.of("XDG_RUNTIME_DIR", "/run/user/7")));
        assertEquals(
                Path.of("/run/peregrine/control.sock"),
                ControlConfig.defaultSocket(7, Map.of("RUNTIME_DIRECTORY", "/run/peregrine:/run/other")));
        assertEquals(Path.of("/tmp/peregrine-7/control.sock"), ControlConfig.defaultSocket(7, Map.of()));
    }

    @Test
    void refusesFilesThatCannotBeRead(@TempDir Path folder) throws Exception {
        Path absent = folder.resolve("absent.yaml");
        assertEquals(
                absent + ": found no such file; expected a readable YAML file",
                assertThrows(BadConfig.class, () -> ConfigFile.load(absent)).getMessage());
        Path binary = Files.write(folder.resolve("binary.yaml"), new byte[] {(byte) 0xff, 0x01});
        assertEquals(
                binary + ": found bytes that are not UTF-8; expected a readable YAML file",
                assertThrows(BadConfig.class, () -> ConfigFile.load(binary)).getMessage());
    }

    @Test
    void errorsFoundAtStartNameTheLineToo() throws Exception {
        ConfigFile file = parse(MINIMAL + "vnis:\n- vni: 42\n  mtu: 9000\n");
        VniConfig vni = file.config().vnis().getFirst();
        assertEquals(
                "f:4: vnis[0].mtu: found 9000; expected at most 1450",
                file.error(vni, "mtu", "9000", "at most 1450").toString());
    }

    @Test
    void boundsTheErrorsOfOneFile() {
        String bad = MINIMAL + "x: 1\n".repeat(50);
        List<ConfigError> errors =
                assertThrows(BadConfig.class, () -> parse(bad)).errors();
        assertEquals(Reading.MAX_ERRORS + 1, errors.size());
        assertEquals(
                "f: found 30 more errors; expected the ones above to be mended first",
                errors.getLast().toString());
    }

    private static ConfigFile parse(String text) throws BadConfig {
        return ConfigFile.parse("f", text);
    }

    private static ConfigFile everyKey() throws BadConfig, IOException {
        return parse(resource("every-key.yaml"));
    }

    static String resource(String name) throws IOException {
        try (InputStream stream = ConfigFileTest.class.getResourceAsStream(name)) {
            return new String(Objects.requireNonNull(stream).readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
