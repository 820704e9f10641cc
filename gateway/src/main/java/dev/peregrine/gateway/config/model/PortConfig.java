package dev.peregrine.gateway.config.model;

import dev.peregrine.gateway.config.model.policy.PolicyConfig;
import dev.peregrine.gateway.config.value.Delivery;
import dev.peregrine.gateway.config.value.MacAddress;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A local port of a segment: where its frames come from and go to. */
public interface PortConfig {

    /** Unique in the file. */
    String name();

    /** The word that the file and {@code port list} use for this kind of port. */
    String type();

    /** The MAC address that the port has itself; empty where only its workload knows. */
    Optional<MacAddress> ownMac();

    /** The inner addresses that the port has itself. */
    List<InetAddress> ownAddresses();

    /** Rules for its frames. */
    Optional<PolicyConfig> policy();

    /** The same port with another policy. */
    PortConfig withPolicy(Optional<PolicyConfig> other);

    /** The name of its network device; null without one. */
    default @Nullable String device() {
        return null;
    }

    /** The network namespace of the device, as written; empty: the gateway's own, or no device. */
    default Optional<String> netns() {
        return Optional.empty();
    }

    /** The same as one text, where it can be written in several ways: as a name, or as a path to the name's file. */
    default String namespace() {
        String written = netns().orElse("");
        for (String folder : List.of("/run/netns/", "/var/run/netns/")) {
            if (written.startsWith(folder)) return written.substring(folder.length());
        }
        return written;
    }

    /** Queues of the device that are each read by one worker; 0 without such. */
    default int queues() {
        return 0;
    }

    /** The local socket that it gives payloads to; null without one. */
    default @Nullable Delivery deliver() {
        return null;
    }

    /** Memory and file descriptors that a port of its type needs. */
    PortNeeds needs();

    /** Tells the conditions between its own keys, and what no other port may have as well. */
    void check(PortRules rules);
}
