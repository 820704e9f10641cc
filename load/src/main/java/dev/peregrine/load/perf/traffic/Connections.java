package dev.peregrine.load.perf.traffic;

import java.io.IOException;
import java.nio.channels.Channel;
import org.jspecify.annotations.Nullable;

/** Closes channels whose other side may be gone. */
public final class Connections {
    private Connections() {}

    /** Closes all that are there, whatever happens. */
    public static void close(@Nullable Channel... channels) {
        for (Channel channel : channels) {
            try {
                if (channel != null) channel.close();
            } catch (IOException gone) {
                // The channel is closed even if this fails.
            }
        }
    }
}
