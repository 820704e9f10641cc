package dev.peregrine.gateway.config.model.plane;

import dev.peregrine.dataplane.linux.sys.Prefix;
import java.util.List;
import java.util.Optional;

/** A control plane of the file. */
public sealed interface PlaneConfig permits EtcdPlaneConfig, EvpnPlaneConfig, FilePlaneConfig, KubernetesPlaneConfig {
    /** Unique among the planes; part of a file's name. */
    String name();

    /** The word that the file and {@code control list} use for this kind of plane. */
    String type();

    /** The networks whose VTEPs are believed; empty: all of the underlay's family. */
    Optional<List<Prefix>> allow();
}
