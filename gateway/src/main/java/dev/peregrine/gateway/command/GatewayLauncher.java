package dev.peregrine.gateway.command;

import dev.peregrine.gateway.config.ConfigFile;
import dev.peregrine.gateway.config.schema.BadConfig;
import java.io.IOException;

/** Makes a {@link Gateway} of a configuration. */
@FunctionalInterface
public interface GatewayLauncher {

    /**
     * Starts a gateway; returns when traffic flows. Leaves nothing behind when it fails.
     *
     * @throws BadConfig when the machine cannot do what the file says ({@link ConfigFile#error})
     * @throws IOException when the system refuses; the message says what to do
     */
    Gateway start(ConfigFile file) throws BadConfig, IOException;
}
