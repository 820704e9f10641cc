package dev.peregrine.gateway.control;

import java.net.InetAddress;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Which FDB entries to remove: those that match everything given.
 *
 * @param dynamicOnly whether static entries stay
 */
public record FdbFlush(OptionalInt vni, Optional<String> port, Optional<InetAddress> vtep, boolean dynamicOnly) {}
