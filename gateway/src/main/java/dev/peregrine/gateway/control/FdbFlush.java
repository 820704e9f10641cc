package dev.peregrine.gateway.control;

import java.net.InetAddress;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The FDB entries to remove: those that match everything given. Entries of the configuration file and of ports' own MAC
 * addresses are never meant.
 *
 * @param dynamics whether dynamic entries are meant, sticky ones among them
 * @param statics whether static entries are meant, which commands have made
 */
public record FdbFlush(
        OptionalInt vni, Optional<String> port, Optional<InetAddress> vtep, boolean dynamics, boolean statics) {}
