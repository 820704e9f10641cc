package dev.peregrine.gateway.controlplane;

import dev.peregrine.controlplane.ControlPlane;
import dev.peregrine.controlplane.etcd.EtcdPlane;
import dev.peregrine.controlplane.etcd.EtcdSettings;
import dev.peregrine.controlplane.evpn.FrrPlane;
import dev.peregrine.controlplane.evpn.FrrSettings;
import dev.peregrine.controlplane.evpn.GobgpEngine;
import dev.peregrine.controlplane.evpn.GobgpSettings;
import dev.peregrine.controlplane.file.FilePlane;
import dev.peregrine.controlplane.http.TlsFiles;
import dev.peregrine.controlplane.kubernetes.KubernetesPlane;
import dev.peregrine.controlplane.kubernetes.KubernetesSettings;
import dev.peregrine.controlplane.resolve.PlaneSettings;
import dev.peregrine.dataplane.linux.namespace.NetNamespace;
import dev.peregrine.gateway.config.model.plane.EtcdPlaneConfig;
import dev.peregrine.gateway.config.model.plane.EvpnPlaneConfig;
import dev.peregrine.gateway.config.model.plane.FilePlaneConfig;
import dev.peregrine.gateway.config.model.plane.KubernetesPlaneConfig;
import dev.peregrine.gateway.config.model.plane.PlaneConfig;
import dev.peregrine.gateway.config.model.plane.TlsConfig;
import dev.peregrine.vxlan.AllowList;
import dev.peregrine.vxlan.IpAddress;
import org.jspecify.annotations.Nullable;

/** Makes the planes that a configuration names, and their settings. */
public final class PlaneMaker {
    private PlaneMaker() {}

    /** How far a plane is believed. */
    static PlaneSettings limits(PlaneConfig plane) {
        @Nullable AllowList allow = plane.allow().map(AllowList::of).orElse(null);
        int macs = plane instanceof EvpnPlaneConfig evpn && evpn.engine() == EvpnPlaneConfig.Engine.GOBGP
                ? evpn.maxMacs()
                : PlaneSettings.MAX_MACS;
        // Behind a switch there may be as many MACs as a plane may have; who speaks BGP with FRR is configured there.
        int perVtep = plane instanceof EvpnPlaneConfig ? PlaneSettings.MAX_MACS : PlaneSettings.MAX_MACS_PER_VTEP;
        return new PlaneSettings(plane.name(), allow, PlaneSettings.MAX_VTEPS, macs, perVtep);
    }

    /**
     * The plane, which has not begun.
     *
     * @param own the gateway's address on the underlay
     */
    static ControlPlane make(PlaneConfig plane, IpAddress own) {
        return switch (plane) {
            case EtcdPlaneConfig etcd -> new EtcdPlane(settings(etcd));
            case FilePlaneConfig file ->
                new FilePlane(file.name(), file.path(), file.announce().orElse(null), FilePlane.INTERVAL);
            case EvpnPlaneConfig evpn -> evpn(evpn);
            case KubernetesPlaneConfig kubernetes -> new KubernetesPlane(settings(kubernetes, own));
        };
    }

    private static ControlPlane evpn(EvpnPlaneConfig evpn) {
        return switch (evpn.engine()) {
            case FRR ->
                new FrrPlane(new FrrSettings(evpn.name(), evpn.port(), evpn.vtyFolder(), NetNamespace.current()));
            case GOBGP ->
                GobgpEngine.find()
                        .orElseThrow() // the configuration was checked
                        .open(new GobgpSettings(evpn.name(), evpn.api(), evpn.as(), evpn.maxMacs()));
        };
    }

    /** How a registry is used. */
    public static EtcdSettings settings(EtcdPlaneConfig etcd) {
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

    /**
     * How an API server is used.
     *
     * @param own the gateway's address on the underlay
     */
    public static KubernetesSettings settings(KubernetesPlaneConfig plane, IpAddress own) {
        return KubernetesSettings.of(
                plane.name(),
                switch (plane.mode()) {
                    case FLANNEL -> KubernetesSettings.Mode.FLANNEL;
                    case CRD -> KubernetesSettings.Mode.CRD;
                },
                plane.server(),
                plane.tokenFile(),
                plane.ca(),
                plane.node(),
                own,
                plane.watchPeriod(),
                System.getenv(),
                HostName.read());
    }

    private static TlsFiles files(TlsConfig tls) {
        return new TlsFiles(tls.ca(), tls.cert(), tls.key());
    }
}
