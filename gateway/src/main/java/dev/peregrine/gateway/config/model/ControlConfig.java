package dev.peregrine.gateway.config.model;

import com.sun.security.auth.module.UnixSystem;
import dev.peregrine.gateway.config.model.plane.PlanesConfig;
import java.nio.file.Path;
import java.util.Map;

/**
 * Where the gateway is controlled and observed, and by which control planes it learns of others.
 *
 * @param http where metrics and health are served
 * @param metrics how many series there are
 * @param planes where it learns of others
 */
public record ControlConfig(Path socket, HttpConfig http, MetricsConfig metrics, PlanesConfig planes) {
    /** The same with what a reload may change. */
    public ControlConfig with(MetricsConfig otherMetrics, PlanesConfig otherPlanes) {
        return new ControlConfig(socket, http, otherMetrics, otherPlanes);
    }

    /** The control socket of this user, used by the gateway and by the commands alike. */
    public static Path defaultSocket() {
        return defaultSocket(new UnixSystem().getUid(), System.getenv());
    }

    /**
     * The path of the control socket where none is given, by user id and environment: a service has the directory that
     * systemd made for it (systemd.exec(5), RuntimeDirectory).
     */
    public static Path defaultSocket(long uid, Map<String, String> environment) {
        String ofService = environment.getOrDefault("RUNTIME_DIRECTORY", "");
        if (!ofService.isEmpty()) return Path.of(ofService.split(":", 2)[0], "control.sock");
        if (uid == 0) return Path.of("/run/peregrine/control.sock");
        String runtimeFolder = environment.get("XDG_RUNTIME_DIR");
        if (runtimeFolder != null && runtimeFolder.startsWith("/")) {
            return Path.of(runtimeFolder, "peregrine", "control.sock");
        }
        return Path.of("/tmp/peregrine-" + uid, "control.sock");
    }
}
