package dev.peregrine.gateway.doctor.check;

import dev.peregrine.dataplane.linux.netlink.Link;
import dev.peregrine.dataplane.linux.netlink.Netlink;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.gateway.config.ConfigFile;
import dev.peregrine.gateway.config.model.GatewayConfig;
import dev.peregrine.gateway.config.model.PortConfig;
import dev.peregrine.gateway.config.model.UnderlayConfig;
import dev.peregrine.gateway.placement.SystemFiles;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The object of all checks: a host, and the gateway that runs there or is to run. Facts about the underlay come from
 * the configuration, else from the gateway. Used by one thread in the gateway's network namespace.
 */
public final class Subject {
    /** Of VXLAN, by IANA. */
    private static final int VXLAN_PORT = 4789;

    private final SystemFiles files;
    private final Path socket;
    private final @Nullable ConfigFile file;
    private final @Nullable RunningGateway gateway;
    private Optional<Link> link = Optional.empty();
    private boolean lookedForLink;

    /**
     * A host with what is known of its gateway.
     *
     * @param socket where the gateway answers, or would
     * @param file null without a configuration
     * @param gateway null when none answers
     */
    public Subject(SystemFiles files, Path socket, @Nullable ConfigFile file, @Nullable RunningGateway gateway) {
        this.files = files;
        this.socket = socket;
        this.file = file;
        this.gateway = gateway;
    }

    /** The files in which the kernel tells about itself. */
    public SystemFiles files() {
        return files;
    }

    /** Where the gateway answers, or would. */
    public Path socket() {
        return socket;
    }

    /** The configuration file, if one was given. */
    public Optional<ConfigFile> file() {
        return Optional.ofNullable(file);
    }

    /** The configuration, if one was given. */
    public Optional<GatewayConfig> config() {
        return file().map(ConfigFile::config);
    }

    /** The gateway, if one answers. */
    public Optional<RunningGateway> gateway() {
        return Optional.ofNullable(gateway);
    }

    /** The folder in {@code /proc} of the gateway's process, where it can be seen, else of this one. */
    public String process() {
        return gateway == null || gateway.pid().isEmpty()
                ? "proc/self"
                : "proc/" + gateway.pid().getAsLong();
    }

    /** All ports of the configuration. */
    public List<PortConfig> ports() {
        return config().stream()
                .flatMap(config -> config.vnis().stream())
                .flatMap(vni -> vni.ports().stream())
                .toList();
    }

    /** This VTEP's address, if it is known. */
    public Optional<InetAddress> local() {
        if (file != null) return Optional.of(file.config().underlay().local());
        return gateway == null
                ? Optional.empty()
                : Optional.of(gateway.status().path("local").asText())
                        .filter(text -> !text.isEmpty())
                        .map(InetAddress::ofLiteral);
    }

    /** The UDP port of VXLAN. */
    public int udpPort() {
        if (file != null) return file.config().underlay().port();
        return gateway == null ? VXLAN_PORT : gateway.status().path("port").asInt(VXLAN_PORT);
    }

    /** The interface that the underlay is bound to by the configuration. */
    public Optional<String> device() {
        return config().flatMap(config -> config.underlay().device());
    }

    /** The remote VTEPs of the configuration and of the gateway. */
    public Set<InetAddress> vteps() {
        Set<InetAddress> vteps = new LinkedHashSet<>();
        config().ifPresent(config -> vteps.addAll(config.configuredVteps()));
        if (gateway != null) {
            gateway.vteps()
                    .forEach(row ->
                            vteps.add(InetAddress.ofLiteral(row.path("address").asText())));
        }
        return vteps;
    }

    /** Whether the underlay is of IPv6. */
    public boolean isIpv6() {
        return local().filter(Inet6Address.class::isInstance).isPresent();
    }

    /** Bytes between an inner IP packet and the outer IP packet's end. */
    public int overheadBytes() {
        return UnderlayConfig.overheadBytes(isIpv6());
    }

    /** The CPUs of the workers as far as they are decided: of the gateway, else of the configuration. */
    public int[] workerCpus() {
        if (gateway != null) {
            return gateway.status()
                    .path("workerCpus")
                    .valueStream()
                    .mapToInt(row -> row.path("cpu").asInt())
                    .toArray();
        }
        return config().stream()
                .flatMap(config -> config.workers().cpus().stream())
                .mapToInt(Integer::intValue)
                .toArray();
    }

    /** The number of workers, as far as it is known. */
    public OptionalInt workers() {
        if (gateway != null)
            return OptionalInt.of(gateway.status().path("workers").asInt(1));
        return file == null
                ? OptionalInt.empty()
                : OptionalInt.of(file.config().workersOn(Runtime.getRuntime().availableProcessors()));
    }

    /** The interface that the underlay's datagrams come in by: the configured one, or the one that has the address. */
    public Optional<Link> link() throws LinuxException {
        if (!lookedForLink) {
            link = findLink();
            lookedForLink = true;
        }
        return link;
    }

    private Optional<Link> findLink() throws LinuxException {
        try (Netlink netlink = Netlink.open()) {
            Optional<String> device = device();
            if (device.isPresent()) return netlink.link(device.get());
            Optional<InetAddress> local = local();
            for (var address : netlink.addresses()) {
                if (local.filter(address.address()::equals).isPresent()) return netlink.link(address.index());
            }
            return Optional.empty();
        }
    }
}
