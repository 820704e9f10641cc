package dev.peregrine.gateway.controlplane;

import dev.peregrine.controlplane.ControlPlane;
import dev.peregrine.controlplane.etcd.EtcdPlane;
import dev.peregrine.controlplane.etcd.EtcdSettings;
import dev.peregrine.controlplane.etcd.TlsFiles;
import dev.peregrine.controlplane.resolve.PlaneSettings;
import dev.peregrine.gateway.config.model.plane.EtcdPlaneConfig;
import dev.peregrine.gateway.config.model.plane.EvpnPlaneConfig;
import dev.peregrine.gateway.config.model.plane.FilePlaneConfig;
import dev.peregrine.gateway.config.model.plane.PlaneConfig;
import dev.peregrine.gateway.config.model.plane.TlsConfig;
import dev.peregrine.vxlan.AllowList;
import org.jspecify.annotations.Nullable;

/** Makes the planes that a configuration names. */
final class PlaneMaker {
    private PlaneMaker() {}

    /** How far a plane is believed. */
    static PlaneSettings limits(PlaneConfig plane) {
        @Nullable AllowList allow = plane.allow().map(AllowList::of).orElse(null);
        return new PlaneSettings(
                plane.name(), allow, PlaneSettings.MAX_VTEPS, PlaneSettings.MAX_MACS, PlaneSettings.MAX_MACS_PER_VTEP);
    }

    /** The plane, which has not begun. */
    static ControlPlane make(PlaneConfig plane) {
        return switch (plane) {
            case EtcdPlaneConfig etcd -> new EtcdPlane(settings(etcd));
            case FilePlaneConfig file -> new AbsentPlane(file.type());
            case EvpnPlaneConfig evpn -> new AbsentPlane(evpn.type());
        };
    }

    private static EtcdSettings settings(EtcdPlaneConfig etcd) {
        return new EtcdSettings(
                etcd.name(),
                etcd.endpoints(),
                etcd.prefix(),
                etcd.ttl(),
                etcd.watchPeriod(),
                etcd.insecure(),
                etcd.tls().map(PlaneMaker::files).orElse(TlsFiles.NONE),
                etcd.user()
                        .map(user ->
                                new EtcdSettings.Login(user, etcd.passwordFile().orElseThrow())));
    }

    private static TlsFiles files(TlsConfig tls) {
        return new TlsFiles(tls.ca(), tls.cert(), tls.key());
    }
}
