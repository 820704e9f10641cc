package dev.peregrine.bench.wire.lab;

import dev.peregrine.dataplane.packet.EnumWord;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** A path under comparison: how datagrams get from host B's network interface to the application. */
public enum Contender {
    HOST(Kind.HOST, "host network, no overlay"),
    KERNEL(Kind.KERNEL, "kernel VXLAN as it comes"),
    KERNEL_TUNED(Kind.KERNEL, "kernel VXLAN, rx-udp-gro-forwarding on"),
    KERNEL_STEERED(Kind.KERNEL, "kernel VXLAN, device stages steered to different cores"),
    OVS(Kind.OVS, "Open vSwitch, userspace datapath"),
    PEREGRINE(Kind.PEREGRINE, "Peregrine"),
    PEREGRINE_OTHER(Kind.PEREGRINE, "Peregrine of another checkout (--other)"),
    PEREGRINE_SPIN(Kind.PEREGRINE, "Peregrine, idle: spin", "idle: spin"),
    PEREGRINE_BLOCK(Kind.PEREGRINE, "Peregrine, idle: block", "idle: block"),
    PEREGRINE_NO_GRO(Kind.PEREGRINE, "Peregrine, gro: off", "gro: off"),
    PEREGRINE_NO_GSO(Kind.PEREGRINE, "Peregrine, gso: off", "gso: off"),
    PEREGRINE_NO_TAP(Kind.PEREGRINE, "Peregrine, tapOffload: off", "tapOffload: off"),
    PEREGRINE_NO_OFFLOAD(Kind.PEREGRINE, "Peregrine, all offloads off", "gro: off", "gso: off", "tapOffload: off"),
    PEREGRINE_VETH(Kind.PEREGRINE, "Peregrine, a port of type veth", "type: veth"),
    PEREGRINE_TIER(
            Kind.PEREGRINE, "Peregrine, known flows in the kernel", "type: veth", "kernel: on", "checksum: false"),
    PEREGRINE_TIER_NO_HELPER(
            Kind.PEREGRINE,
            "Peregrine, known flows in the kernel, no helper device",
            "type: veth",
            "kernel: on",
            "helper: off",
            "checksum: false"),
    PEREGRINE_RULES(Kind.PEREGRINE, "Peregrine, a policy of 100 rules", "rules"),
    PEREGRINE_RULES_CHAIN(Kind.PEREGRINE, "Peregrine, a policy of 100 rules, no flow cache", "rules", "enabled: false");

    /** The program on host B. */
    public enum Kind {
        HOST,
        KERNEL,
        OVS,
        PEREGRINE
    }

    private static final List<String> FASTPATH_KEYS = List.of("enabled: ", "kernel: ", "helper: ");

    private final Kind kind;
    private final String title;
    private final String settings;

    Contender(Kind kind, String title, String... settings) {
        this.kind = kind;
        this.title = title;
        this.settings = String.join(",", settings);
    }

    /** Its program on host B. */
    public Kind kind() {
        return kind;
    }

    /** As a person would say it. */
    public String title() {
        return title;
    }

    /** The name on the command line and in results. */
    public String id() {
        return EnumWord.of(this);
    }

    /** Whether this checkout's Peregrine is compared with it; false for a variant of Peregrine. */
    public boolean isAnother() {
        return kind != Kind.PEREGRINE || this == PEREGRINE_OTHER;
    }

    /** Those that need nothing but this checkout. */
    public static List<Contender> defaults() {
        return Arrays.stream(values())
                .filter(contender -> contender != PEREGRINE_OTHER)
                .toList();
    }

    /** Whether it is Peregrine with an offload switched off. */
    public boolean lacksOffload() {
        return !offloadSettings().isEmpty();
    }

    /** Settings of {@code underlay.offload}, as in the configuration file. */
    List<String> offloadSettings() {
        return settings(
                setting -> setting.endsWith(": off") && FASTPATH_KEYS.stream().noneMatch(setting::startsWith));
    }

    /** Settings of {@code underlay}. */
    List<String> underlaySettings() {
        return settings(setting -> setting.startsWith("checksum: "));
    }

    /** Settings of {@code workers}. */
    List<String> workerSettings() {
        return settings(setting -> setting.startsWith("idle: "));
    }

    /** Settings of {@code fastpath}. */
    List<String> fastpathSettings() {
        return settings(setting -> FASTPATH_KEYS.stream().anyMatch(setting::startsWith));
    }

    /** The type of the container's port. */
    String portType() {
        return settings.contains("type: veth") ? "veth" : "tap";
    }

    /** Whether the overlay has a policy of a hundred rules. */
    public boolean hasRules() {
        return settings.contains("rules");
    }

    private List<String> settings(Predicate<String> wanted) {
        return Pattern.compile(",").splitAsStream(settings).filter(wanted).toList();
    }

    /** By its {@link #id}; throws {@link IllegalArgumentException} with all of them where there is none. */
    public static Contender of(String id) {
        return Arrays.stream(values())
                .filter(contender -> contender.id().equals(id))
                .findAny()
                .orElseThrow(() -> new IllegalArgumentException("no contender '%s': there are %s"
                        .formatted(
                                id,
                                String.join(
                                        ", ",
                                        Arrays.stream(values())
                                                .map(Contender::id)
                                                .toList()))));
    }
}
