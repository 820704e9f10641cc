package dev.peregrine.gateway.config.keys;

import dev.peregrine.controlplane.evpn.FrrSettings;
import dev.peregrine.controlplane.evpn.GobgpApi;
import dev.peregrine.controlplane.evpn.GobgpSettings;
import dev.peregrine.controlplane.resolve.PlaneSettings;
import dev.peregrine.dataplane.linux.sys.Prefix;
import dev.peregrine.gateway.config.model.plane.EtcdPlaneConfig;
import dev.peregrine.gateway.config.model.plane.EvpnPlaneConfig;
import dev.peregrine.gateway.config.model.plane.FilePlaneConfig;
import dev.peregrine.gateway.config.model.plane.KubernetesPlaneConfig;
import dev.peregrine.gateway.config.model.plane.PlaneConfig;
import dev.peregrine.gateway.config.model.plane.TlsConfig;
import dev.peregrine.gateway.config.schema.ChosenTable;
import dev.peregrine.gateway.config.schema.JsonSchema;
import dev.peregrine.gateway.config.schema.Key;
import dev.peregrine.gateway.config.schema.Lists;
import dev.peregrine.gateway.config.schema.Quantities;
import dev.peregrine.gateway.config.schema.Scalars;
import dev.peregrine.gateway.config.schema.Table;
import dev.peregrine.gateway.config.schema.ValueType;
import dev.peregrine.gateway.config.schema.Values;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** The keys of an element of {@code control.planes}: a table for each {@code type}. */
public final class PlaneKeys {
    private static final String NAME_MEANING =
            "The plane's name in `vnis[].control`, commands, metrics and logs; unique among the planes.";
    private static final String ALLOW_MEANING = "Networks whose VTEPs are believed. Without it: every address of the"
            + " underlay's family but this gateway's.";

    private static final String ENDPOINT = "https?://([A-Za-z0-9._-]+|\\[[0-9a-fA-F:.]+\\]):[1-9][0-9]{0,4}/?";
    private static final String PREFIX = "(/[A-Za-z0-9._-]+)+";
    private static final String NODE_NAME = "[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?";
    private static final String PATH = "/[^\\x00]*[^/\\x00]";
    private static final String JSON_FILE = "/([^\\x00]*/)?[^./\\x00][^/\\x00]*\\.json";
    private static final long MAX_AS = 0xffff_fffeL;
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration HOUR = Duration.ofHours(1);

    /** The files of TLS. */
    public static final Table<TlsConfig> TLS = new Table<>("control.planes[].tls", PlaneKeys::createTls);

    private static final Key<TlsConfig, Optional<Path>> CA = TLS.optional(
            "ca",
            path(),
            TlsConfig::ca,
            "Certificates, in PEM, that sign the server's. Without it those of the Java runtime.");
    private static final Key<TlsConfig, Optional<Path>> CERT = TLS.optional(
            "cert",
            path(),
            TlsConfig::cert,
            "This gateway's certificate, in PEM. With `user` it must have no CommonName: etcd's HTTP gateway refuses"
                    + " every call otherwise.");
    private static final Key<TlsConfig, Optional<Path>> KEY =
            TLS.optional("key", path(), TlsConfig::key, "Its private key: PEM of PKCS#8 (`BEGIN PRIVATE KEY`).");

    /** The keys of an etcd plane. */
    public static final Table<EtcdPlaneConfig> ETCD =
            new Table<>("control.planes[] of type etcd", PlaneKeys::createEtcd);

    private static final Key<EtcdPlaneConfig, String> ETCD_NAME =
            ETCD.required("name", NetworkTypes.portName(), EtcdPlaneConfig::name, NAME_MEANING);

    static {
        ETCD.required(
                "type",
                PortKeys.word(EtcdPlaneConfig.TYPE),
                EtcdPlaneConfig::type,
                "A registry in etcd 3.4 or newer, by its HTTP gateway; see [control-etcd.md](control-etcd.md).");
    }

    private static final Key<EtcdPlaneConfig, List<URI>> ENDPOINTS = ETCD.required(
            "endpoints",
            Lists.listOf(endpoint()),
            EtcdPlaneConfig::endpoints,
            "Members of the cluster. One is used at a time; where it fails, the next.");
    private static final Key<EtcdPlaneConfig, String> KEY_PREFIX = ETCD.defaulted(
            "prefix",
            Scalars.scalar(
                    "a path such as /peregrine/v1, of A-Z a-z 0-9 . _ - between the slashes",
                    JsonSchema.text(PREFIX),
                    text -> text.matches(PREFIX) ? text : null),
            "/peregrine/v1",
            EtcdPlaneConfig::prefix,
            "What all keys begin with. Gateways of one overlay have the same.");
    private static final Key<EtcdPlaneConfig, Duration> TTL = ETCD.defaulted(
            "ttl",
            Quantities.duration(Duration.ofSeconds(2), Duration.ofHours(24)),
            Duration.ofSeconds(60),
            EtcdPlaneConfig::ttl,
            "Life of the gateway's lease, in whole seconds: so long its keys stay when it dies. It is kept alive four"
                    + " times in that time.");
    private static final Key<EtcdPlaneConfig, Duration> WATCH_PERIOD = ETCD.defaulted(
            "watchPeriod",
            Quantities.duration(SECOND, HOUR),
            Duration.ofSeconds(60),
            EtcdPlaneConfig::watchPeriod,
            "Life of a watch, give or take 20 percent; then it is opened anew where it ended. A registry that hangs is"
                    + " noticed within that time.");
    private static final Key<EtcdPlaneConfig, Boolean> INSECURE = ETCD.defaulted(
            "insecure",
            Scalars.flag(),
            false,
            EtcdPlaneConfig::insecure,
            "Whether `http:` is meant for endpoints that are not on this host: anybody on the way can then move any MAC"
                    + " address. The log warns each hour.");
    private static final Key<EtcdPlaneConfig, Optional<TlsConfig>> ETCD_TLS =
            ETCD.optional("tls", TLS, EtcdPlaneConfig::tls, "Files for `https:`; see below.");
    private static final Key<EtcdPlaneConfig, Optional<String>> USER = ETCD.optional(
            "user",
            Scalars.scalar("a user's name", JsonSchema.text("\\S+"), text -> text.matches("\\S+") ? text : null),
            EtcdPlaneConfig::user,
            "User of etcd's role-based access control.");
    private static final Key<EtcdPlaneConfig, Optional<Path>> PASSWORD_FILE = ETCD.optional(
            "passwordFile",
            path(),
            EtcdPlaneConfig::passwordFile,
            "File with the user's password in its first line, which only its owner and group may read. It is read at each"
                    + " login.");
    private static final Key<EtcdPlaneConfig, Optional<List<Prefix>>> ETCD_ALLOW =
            ETCD.optional("allow", Lists.listOf(NetworkTypes.network()), EtcdPlaneConfig::allow, ALLOW_MEANING);

    /** The keys of a file plane. */
    public static final Table<FilePlaneConfig> FILE =
            new Table<>("control.planes[] of type file", PlaneKeys::createFile);

    private static final Key<FilePlaneConfig, String> FILE_NAME =
            FILE.required("name", NetworkTypes.portName(), FilePlaneConfig::name, NAME_MEANING);

    static {
        FILE.required(
                "type",
                PortKeys.word(FilePlaneConfig.TYPE),
                FilePlaneConfig::type,
                "A folder of files with claims, which is watched; see [control-planes.md](control-planes.md).");
    }

    private static final Key<FilePlaneConfig, Path> FOLDER =
            FILE.required("path", path(), FilePlaneConfig::path, "The folder.");
    private static final Key<FilePlaneConfig, Optional<Path>> ANNOUNCE = FILE.optional(
            "announce",
            Scalars.scalar(
                    "the absolute path of a .json file that does not begin with a dot",
                    JsonSchema.text(JSON_FILE),
                    text -> text.matches(JSON_FILE) ? Path.of(text) : null),
            FilePlaneConfig::announce,
            "File that the gateway writes its own claims to, which it removes at its end. In a folder that gateways share,"
                    + " each with a file of its own, they find each other. Without it nothing is announced.");
    private static final Key<FilePlaneConfig, Optional<List<Prefix>>> FILE_ALLOW =
            FILE.optional("allow", Lists.listOf(NetworkTypes.network()), FilePlaneConfig::allow, ALLOW_MEANING);

    /** The keys of an EVPN plane. */
    public static final Table<EvpnPlaneConfig> EVPN =
            new Table<>("control.planes[] of type evpn", PlaneKeys::createEvpn);

    private static final Key<EvpnPlaneConfig, String> EVPN_NAME =
            EVPN.required("name", NetworkTypes.portName(), EvpnPlaneConfig::name, NAME_MEANING);

    static {
        EVPN.required(
                "type",
                PortKeys.word(EvpnPlaneConfig.TYPE),
                EvpnPlaneConfig::type,
                "BGP EVPN by a routing daemon on this host; see [control-planes.md](control-planes.md).");
    }

    private static final Key<EvpnPlaneConfig, EvpnPlaneConfig.Engine> ENGINE = EVPN.defaulted(
            "engine",
            Scalars.choice(EvpnPlaneConfig.Engine.class),
            EvpnPlaneConfig.Engine.FRR,
            EvpnPlaneConfig::engine,
            "The daemon. `frr` is zebra and bgpd, which the gateway meets by VXLAN devices of the kernel that carry no"
                    + " packets. `gobgp` is gobgpd, for which a module is to be added: see"
                    + " [control-gobgp.md](control-gobgp.md).");
    private static final Key<EvpnPlaneConfig, Integer> EVPN_PORT = EVPN.defaulted(
            "port",
            Scalars.integer(1, 65_535),
            FrrSettings.PORT,
            EvpnPlaneConfig::port,
            "With `frr`: UDP port of these devices, not `underlay.port`. Nobody sends there: let the firewall drop it.");
    private static final Key<EvpnPlaneConfig, Path> VTY_FOLDER = EVPN.defaulted(
            "vtyFolder",
            path(),
            FrrSettings.VTY_FOLDER,
            EvpnPlaneConfig::vtyFolder,
            "With `frr`: folder of its sockets `bgpd.vty` and `zebra.vty`. The gateway's user needs the group `frrvty`.");
    private static final Key<EvpnPlaneConfig, GobgpApi> API = EVPN.defaulted(
            "api",
            Scalars.scalar(
                    "unix:///PATH, 127.0.0.1:PORT or [::1]:PORT: gobgpd's API has no authentication, and must not be reached"
                            + " from elsewhere",
                    JsonSchema.text(GobgpApi.PATTERN),
                    GobgpApi::parse),
            Objects.requireNonNull(GobgpApi.parse(GobgpApi.DEFAULT)),
            EvpnPlaneConfig::api,
            "With `gobgp`: where gobgpd's API is, on this host: its `--api-hosts`. Other addresses are refused, since"
                    + " whoever reaches the API may do anything to BGP.");
    private static final Key<EvpnPlaneConfig, OptionalLong> AS = EVPN.defaulted(
            "as",
            Scalars.converted(
                    Scalars.orWord("auto", asNumber()),
                    as -> as.map(OptionalLong::of).orElseGet(OptionalLong::empty),
                    as -> as.isPresent() ? Optional.of(as.getAsLong()) : Optional.empty()),
            OptionalLong.empty(),
            EvpnPlaneConfig::as,
            "With `gobgp`: the autonomous system in the route targets `AS:VNI` of what the gateway announces. `auto` is"
                    + " gobgpd's own.");
    private static final Key<EvpnPlaneConfig, Integer> MAX_MACS = EVPN.defaulted(
            "maxMacs",
            Scalars.integer(1, PlaneSettings.MAX_MACS),
            GobgpSettings.MANY_MACS,
            EvpnPlaneConfig::maxMacs,
            "With `gobgp`: MAC addresses of others that it may have. More than 5,000 take gobgpd 3.28 or a later 3.x: before,"
                    + " its time grows with their square.");
    private static final Key<EvpnPlaneConfig, Optional<List<Prefix>>> EVPN_ALLOW =
            EVPN.optional("allow", Lists.listOf(NetworkTypes.network()), EvpnPlaneConfig::allow, ALLOW_MEANING);

    /** The keys of a Kubernetes plane. */
    public static final Table<KubernetesPlaneConfig> KUBERNETES =
            new Table<>("control.planes[] of type kubernetes", PlaneKeys::createKubernetes);

    private static final Key<KubernetesPlaneConfig, String> KUBERNETES_NAME =
            KUBERNETES.required("name", NetworkTypes.portName(), KubernetesPlaneConfig::name, NAME_MEANING);

    static {
        KUBERNETES.required(
                "type",
                PortKeys.word(KubernetesPlaneConfig.TYPE),
                KubernetesPlaneConfig::type,
                "Objects of a Kubernetes API server; see [control-kubernetes.md](control-kubernetes.md).");
    }

    private static final Key<KubernetesPlaneConfig, KubernetesPlaneConfig.Mode> MODE = KUBERNETES.required(
            "mode",
            Scalars.choice(KubernetesPlaneConfig.Mode.class),
            KubernetesPlaneConfig::mode,
            "`flannel`: nodes with flannel's annotations. `crd`: objects `stations.peregrine.dev`.");
    private static final Key<KubernetesPlaneConfig, Optional<URI>> SERVER = KUBERNETES.optional(
            "server",
            endpoint(),
            KubernetesPlaneConfig::server,
            "The API server. Without it that of the cluster whose pod the gateway runs in.");
    private static final Key<KubernetesPlaneConfig, Optional<Path>> TOKEN_FILE = KUBERNETES.optional(
            "tokenFile",
            path(),
            KubernetesPlaneConfig::tokenFile,
            "File with a bearer token, read anew for each request. Without it, and without `server`, the service"
                    + " account's.");
    private static final Key<KubernetesPlaneConfig, Optional<Path>> SERVER_CA = KUBERNETES.optional(
            "ca",
            path(),
            KubernetesPlaneConfig::ca,
            "Certificates, in PEM, that sign the server's. Without it the service account's; with `server`, those of the"
                    + " Java runtime.");
    private static final Key<KubernetesPlaneConfig, Optional<String>> NODE = KUBERNETES.optional(
            "node",
            Scalars.scalar(
                    "the name of a node", JsonSchema.text(NODE_NAME), text -> text.matches(NODE_NAME) ? text : null),
            KubernetesPlaneConfig::node,
            "The Kubernetes node that this host is. Without it the environment variable NODE_NAME, or else the host's"
                    + " name.");
    private static final Key<KubernetesPlaneConfig, Duration> KUBERNETES_PERIOD = KUBERNETES.defaulted(
            "watchPeriod",
            Quantities.duration(SECOND, HOUR),
            Duration.ofSeconds(60),
            KubernetesPlaneConfig::watchPeriod,
            "Life of a watch, give or take 20 percent; then it is opened anew where it ended. A server that hangs is noticed"
                    + " within that time and 20 s.");
    private static final Key<KubernetesPlaneConfig, Boolean> KUBERNETES_INSECURE = KUBERNETES.defaulted(
            "insecure",
            Scalars.flag(),
            false,
            KubernetesPlaneConfig::insecure,
            "Whether `http:` is meant for a server that is not on this host, which shows it the token.");
    private static final Key<KubernetesPlaneConfig, Optional<List<Prefix>>> KUBERNETES_ALLOW = KUBERNETES.optional(
            "allow", Lists.listOf(NetworkTypes.network()), KubernetesPlaneConfig::allow, ALLOW_MEANING);

    /** A plane: its {@code type} says which table reads it. */
    public static final ChosenTable<PlaneConfig> PLANE = new ChosenTable<>(
            PlaneConfig.class,
            PlaneConfig::type,
            List.of(
                    new ChosenTable.Choice<>(EtcdPlaneConfig.TYPE, EtcdPlaneConfig.class, ETCD),
                    new ChosenTable.Choice<>(FilePlaneConfig.TYPE, FilePlaneConfig.class, FILE),
                    new ChosenTable.Choice<>(EvpnPlaneConfig.TYPE, EvpnPlaneConfig.class, EVPN),
                    new ChosenTable.Choice<>(KubernetesPlaneConfig.TYPE, KubernetesPlaneConfig.class, KUBERNETES)));

    private PlaneKeys() {}

    /** The absolute path of a file or folder. */
    static Scalars.Scalar<Path> path() {
        return Scalars.scalar(
                "an absolute path", JsonSchema.text(PATH), text -> text.matches(PATH) ? Path.of(text) : null);
    }

    /** The number of an autonomous system (RFC 6793), without the two that are reserved. */
    private static Scalars.Scalar<Long> asNumber() {
        return Scalars.scalar(
                "a number from 1 to 4294967294",
                Map.of("type", "integer", "minimum", 1, "maximum", MAX_AS),
                text -> text.matches("[1-9][0-9]{0,9}") && Long.parseLong(text) <= MAX_AS ? Long.parseLong(text) : null,
                as -> as);
    }

    private static ValueType<URI> endpoint() {
        return Scalars.scalar(
                "http: or https: with a host and a port, such as https://10.0.0.1:2379",
                JsonSchema.text(ENDPOINT),
                PlaneKeys::parseEndpoint);
    }

    private static @Nullable URI parseEndpoint(String text) {
        if (!text.matches(ENDPOINT)) return null;
        try {
            URI endpoint = new URI(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
            return endpoint.getHost() == null || endpoint.getPort() > 65_535 ? null : endpoint;
        } catch (URISyntaxException e) {
            return null;
        }
    }

    private static TlsConfig createTls(Values values) {
        return new TlsConfig(values.get(CA), values.get(CERT), values.get(KEY));
    }

    private static EtcdPlaneConfig createEtcd(Values values) {
        return new EtcdPlaneConfig(
                values.get(ETCD_NAME),
                values.get(ENDPOINTS),
                values.get(KEY_PREFIX),
                values.get(TTL),
                values.get(WATCH_PERIOD),
                values.get(INSECURE),
                values.get(ETCD_TLS),
                values.get(USER),
                values.get(PASSWORD_FILE),
                values.get(ETCD_ALLOW));
    }

    private static FilePlaneConfig createFile(Values values) {
        return new FilePlaneConfig(
                values.get(FILE_NAME), values.get(FOLDER), values.get(ANNOUNCE), values.get(FILE_ALLOW));
    }

    private static EvpnPlaneConfig createEvpn(Values values) {
        return new EvpnPlaneConfig(
                values.get(EVPN_NAME),
                values.get(ENGINE),
                values.get(EVPN_PORT),
                values.get(VTY_FOLDER),
                values.get(API),
                values.get(AS),
                values.get(MAX_MACS),
                values.get(EVPN_ALLOW));
    }

    private static KubernetesPlaneConfig createKubernetes(Values values) {
        return new KubernetesPlaneConfig(
                values.get(KUBERNETES_NAME),
                values.get(MODE),
                values.get(SERVER),
                values.get(TOKEN_FILE),
                values.get(SERVER_CA),
                values.get(NODE),
                values.get(KUBERNETES_PERIOD),
                values.get(KUBERNETES_INSECURE),
                values.get(KUBERNETES_ALLOW));
    }
}
