package dev.peregrine.gateway.config.model;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * Where metrics and health are served over HTTP.
 *
 * @param address to listen at; empty: nowhere
 * @param required whether the gateway refuses to start without it
 */
public record HttpConfig(Optional<InetSocketAddress> address, boolean required) {
    /** Nowhere. */
    public static final HttpConfig OFF = new HttpConfig(Optional.empty(), false);

    /** At the usual address, if that is free. */
    public static final HttpConfig AUTO =
            new HttpConfig(Optional.of(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 9464)), false);

    /** At an address that somebody relies on. */
    public static HttpConfig at(InetSocketAddress address) {
        return new HttpConfig(Optional.of(address), true);
    }
}
