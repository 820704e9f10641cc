package dev.peregrine.gateway.port;

import dev.peregrine.dataplane.linux.namespace.NetNamespace;
import dev.peregrine.dataplane.linux.netlink.InterfaceState;
import dev.peregrine.dataplane.linux.netlink.Interfaces;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A port's network namespace as one look found it.
 *
 * @param identity of the namespace; null when there is none, or none that could be read
 * @param interfaces what is in it; null as the identity
 * @param failure why it could not be read; null when it was, and when there is none
 */
record Surroundings(
        NetNamespace.@Nullable Identity identity,
        @Nullable Interfaces interfaces,
        @Nullable LinuxException failure) {
    /** There is no such namespace, or the port needs none. */
    static final Surroundings MISSING = new Surroundings(null, null, null);

    /** Those of the calling thread. */
    static Surroundings read(boolean withRoutes) throws LinuxException {
        return new Surroundings(NetNamespace.current().identity(), Interfaces.read(withRoutes), null);
    }

    static Surroundings unreadable(LinuxException why) {
        return new Surroundings(null, null, why);
    }

    boolean isMissing() {
        return identity == null && failure == null;
    }

    /** Fails if the namespace is there and could not be read. */
    void requireReadable() throws LinuxException {
        if (failure != null) {
            throw failure;
        }
    }

    Optional<InterfaceState> find(int index) {
        return interfaces == null ? Optional.empty() : interfaces.find(index);
    }

    Optional<InterfaceState> find(String name) {
        return interfaces == null ? Optional.empty() : interfaces.find(name);
    }
}
