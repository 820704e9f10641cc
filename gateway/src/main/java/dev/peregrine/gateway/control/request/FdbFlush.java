package dev.peregrine.gateway.control.request;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.peregrine.gateway.control.Vni;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * The FDB entries to remove: those that match everything given. Entries of the configuration file and of ports' own MAC
 * addresses are never meant.
 *
 * @param dynamics whether dynamic entries are meant, sticky ones among them; they are also if neither kind is named
 * @param statics whether static entries are meant, which commands have made
 */
public record FdbFlush(
        @Nullable Vni vni,
        @Nullable String port,
        @Nullable InetAddress vtep,
        @JsonProperty("dynamic") boolean dynamics,
        @JsonProperty("static") boolean statics) {
    public FdbFlush {
        dynamics |= !statics;
    }
}
