package dev.peregrine.gateway.config.model.plane;

import dev.peregrine.dataplane.linux.sys.Prefix;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A watched folder of claims.
 *
 * @param path the folder
 */
public record FilePlaneConfig(String name, Path path, Optional<List<Prefix>> allow) implements PlaneConfig {
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
