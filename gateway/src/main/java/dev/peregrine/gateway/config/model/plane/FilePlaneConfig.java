package dev.peregrine.gateway.config.model.plane;

import dev.peregrine.dataplane.linux.sys.Prefix;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A watched folder of claims.
 *
 * @param path the folder
 * @param announce the file that the gateway's own claims are written to, perhaps in the folder; empty: none
 */
public record FilePlaneConfig(String name, Path path, Optional<Path> announce, Optional<List<Prefix>> allow)
        implements PlaneConfig {
    /** The word in the file. */
    public static final String TYPE = "file";

    public FilePlaneConfig {
        allow = allow.map(List::copyOf);
    }

    @Override
    public String type() {
        return TYPE;
    }
}
