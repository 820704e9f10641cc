package dev.peregrine.gateway.doctor.plane;

import dev.peregrine.controlplane.Examined;
import dev.peregrine.controlplane.etcd.EtcdProbe;
import dev.peregrine.controlplane.evpn.FrrProbe;
import dev.peregrine.controlplane.evpn.GobgpApi;
import dev.peregrine.controlplane.file.FileProbe;
import dev.peregrine.controlplane.kubernetes.ApiProbe;
import dev.peregrine.gateway.config.model.GatewayConfig;
import dev.peregrine.gateway.config.model.plane.EtcdPlaneConfig;
import dev.peregrine.gateway.config.model.plane.EvpnPlaneConfig;
import dev.peregrine.gateway.config.model.plane.FilePlaneConfig;
import dev.peregrine.gateway.config.model.plane.KubernetesPlaneConfig;
import dev.peregrine.gateway.config.model.plane.PlaneConfig;
import dev.peregrine.gateway.controlplane.PlaneMaker;
import dev.peregrine.gateway.doctor.check.Check;
import dev.peregrine.gateway.doctor.check.Finding;
import dev.peregrine.gateway.doctor.check.Subject;
import dev.peregrine.vxlan.IpAddress;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Whether each control plane of the configuration can be used, tried from here as a gateway would. */
public final class AccessCheck implements Check {
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    @Override
    public String name() {
        return "plane-access";
    }

    @Override
    public String about() {
        return "What each control plane needs is there and lets the gateway in. `etcd`: an endpoint answers by TCP and TLS,"
                + " user and role may read, the certificate has no CommonName and is valid, the gateway's lease is renewed in"
                + " time. `evpn`: bgpd and zebra answer, BGP sessions stand. `file`: folder and files can be read."
                + " `kubernetes`: certificates, token and rights.";
    }

    @Override
    public Finding look(Subject subject) throws IOException {
        Optional<GatewayConfig> config = subject.config();
        if (config.isEmpty()) return Finding.skip("no configuration was given that names planes");
        List<PlaneConfig> planes = config.get().control().planes().planes();
        if (planes.isEmpty()) return Finding.skip("there are no control planes");
        IpAddress own = IpAddress.of(config.get().underlay().local());
        Verdict verdict = new Verdict();
        try {
            for (PlaneConfig plane : planes) {
                Examined examined = examine(plane, own, subject.gateway().isPresent());
                verdict.add(plane.name(), examined);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        return verdict.finding();
    }

    private static Examined examine(PlaneConfig plane, IpAddress own, boolean isRunning) throws InterruptedException {
        return switch (plane) {
            case EtcdPlaneConfig etcd -> EtcdProbe.look(PlaneMaker.settings(etcd), own, isRunning);
            case EvpnPlaneConfig evpn when evpn.engine() == EvpnPlaneConfig.Engine.GOBGP -> gobgp(evpn.api());
            case EvpnPlaneConfig evpn -> FrrProbe.look(evpn.vtyFolder(), PATIENCE);
            case FilePlaneConfig file -> FileProbe.look(file.path(), file.announce());
            case KubernetesPlaneConfig kubernetes -> ApiProbe.look(PlaneMaker.settings(kubernetes, own));
        };
    }

    /** gobgpd is on this host: either it takes the connection, or it is not there. */
    private static Examined gobgp(GobgpApi api) {
        try {
            SocketChannel.open(api.address()).close();
            return new Examined("gobgpd's API is at " + api, List.of());
        } catch (IOException e) {
            String what = "gobgpd's API at " + api + ": " + e.getMessage();
            return new Examined("", List.of(new Examined.Fault(true, what, "gobgpd --api-hosts " + api)));
        }
    }
}
