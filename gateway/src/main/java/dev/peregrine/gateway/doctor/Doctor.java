package dev.peregrine.gateway.doctor;

import dev.peregrine.dataplane.linux.netlink.Link;
import dev.peregrine.gateway.doctor.check.Check;
import dev.peregrine.gateway.doctor.check.Finding;
import dev.peregrine.gateway.doctor.check.Subject;
import dev.peregrine.gateway.doctor.host.BpfCheck;
import dev.peregrine.gateway.doctor.host.CapabilitiesCheck;
import dev.peregrine.gateway.doctor.host.ClockCheck;
import dev.peregrine.gateway.doctor.host.ConfigurationCheck;
import dev.peregrine.gateway.doctor.host.CpuLimitCheck;
import dev.peregrine.gateway.doctor.host.GatewayCheck;
import dev.peregrine.gateway.doctor.host.HugePagesCheck;
import dev.peregrine.gateway.doctor.host.JdkCheck;
import dev.peregrine.gateway.doctor.host.KernelTierCheck;
import dev.peregrine.gateway.doctor.host.MemoryCheck;
import dev.peregrine.gateway.doctor.host.PortsCheck;
import dev.peregrine.gateway.doctor.host.ReceiversCheck;
import dev.peregrine.gateway.doctor.host.TunCheck;
import dev.peregrine.gateway.doctor.host.WorkerCpusCheck;
import dev.peregrine.gateway.doctor.network.ConntrackCheck;
import dev.peregrine.gateway.doctor.network.FirewallCheck;
import dev.peregrine.gateway.doctor.network.GroCheck;
import dev.peregrine.gateway.doctor.network.GroForwardingCheck;
import dev.peregrine.gateway.doctor.network.InnerChecksumsCheck;
import dev.peregrine.gateway.doctor.network.LossesCheck;
import dev.peregrine.gateway.doctor.network.OffloadsCheck;
import dev.peregrine.gateway.doctor.network.OuterChecksumsCheck;
import dev.peregrine.gateway.doctor.network.PathMtuCheck;
import dev.peregrine.gateway.doctor.network.ReceiveBufferCheck;
import dev.peregrine.gateway.doctor.network.ReversePathCheck;
import dev.peregrine.gateway.doctor.network.RoutesCheck;
import dev.peregrine.gateway.doctor.network.SendBufferCheck;
import dev.peregrine.gateway.doctor.network.UdpPortCheck;
import dev.peregrine.gateway.doctor.network.UnderlayCheck;
import dev.peregrine.gateway.doctor.network.VniMtuCheck;
import dev.peregrine.gateway.doctor.network.VtepsCheck;
import dev.peregrine.gateway.doctor.plane.AccessCheck;
import dev.peregrine.gateway.doctor.plane.PlanesCheck;
import dev.peregrine.gateway.doctor.plane.ShadowPortCheck;
import dev.peregrine.gateway.doctor.probe.TrafficSample;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** All checks, in the order of their lines. Changes nothing on the host. */
public final class Doctor {
    private Doctor() {}

    /**
     * A line of the answer.
     *
     * @param check the check's name
     */
    public record Line(String check, Finding finding) {}

    /** The checks, which take what arrives from {@code sample}. */
    public static List<Check> checks(TrafficSample sample) {
        return List.of(
                new GatewayCheck(),
                new ConfigurationCheck(),
                new JdkCheck(),
                new MemoryCheck(),
                new CapabilitiesCheck(),
                new TunCheck(),
                new BpfCheck(),
                new KernelTierCheck(),
                new PortsCheck(),
                new CpuLimitCheck(),
                new WorkerCpusCheck(),
                ReceiversCheck.ofThreads(),
                ReceiversCheck.ofInterrupts(),
                new ClockCheck(),
                new HugePagesCheck(),
                new UnderlayCheck(),
                new UdpPortCheck(),
                new RoutesCheck(),
                new PathMtuCheck(),
                new VniMtuCheck(),
                new ReversePathCheck(),
                new FirewallCheck(),
                new ConntrackCheck(),
                new ReceiveBufferCheck(),
                new SendBufferCheck(),
                new OffloadsCheck(),
                new GroCheck(),
                new GroForwardingCheck(),
                new OuterChecksumsCheck(sample),
                new InnerChecksumsCheck(sample),
                new PlanesCheck(),
                new AccessCheck(),
                new ShadowPortCheck(),
                new VtepsCheck(),
                new LossesCheck());
    }

    /** Makes all checks, on the calling thread, which is in the gateway's network namespace. */
    public static List<Line> examine(Subject subject) {
        try (TrafficSample sample = sample(subject)) {
            List<Line> lines = new ArrayList<>();
            for (Check check : checks(sample)) lines.add(new Line(check.name(), look(check, subject)));
            return lines;
        }
    }

    private static TrafficSample sample(Subject subject) {
        try {
            Optional<Link> link = subject.link();
            return link.isPresent()
                    ? TrafficSample.begin(link.get(), subject.isIpv6(), subject.udpPort())
                    : TrafficSample.none("the underlay's interface is not known");
        } catch (IOException e) {
            return TrafficSample.none(String.valueOf(e.getMessage()));
        }
    }

    private static Finding look(Check check, Subject subject) {
        try {
            return check.look(subject);
        } catch (IOException e) {
            return Finding.skip("cannot be seen: " + e.getMessage());
        }
    }
}
