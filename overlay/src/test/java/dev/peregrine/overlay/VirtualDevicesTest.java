package dev.peregrine.overlay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.peregrine.dataplane.device.bridge.Bridge;
import dev.peregrine.dataplane.device.fdb.Fdb;
import dev.peregrine.dataplane.device.port.Port;
import dev.peregrine.dataplane.policy.Policy;
import dev.peregrine.dataplane.policy.PolicySnapshot;
import dev.peregrine.dataplane.policy.conntrack.FlowStates;
import dev.peregrine.dataplane.policy.conntrack.FlowTimeouts;
import dev.peregrine.fastpath.Epoch;
import dev.peregrine.vxlan.Segment;
import dev.peregrine.vxlan.SegmentTable;
import dev.peregrine.vxlan.TunnelSettings;
import dev.peregrine.vxlan.Vtep;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class VirtualDevicesTest {
    private static final int SEGMENT = 0;
    private static final int OTHER = 1;
    private static final boolean IN_OTHERS_TOO = true;

    static VirtualDevices devices() {
        Fdb fdb = new Fdb(16);
        fdb.configure(SEGMENT, 8, 0);
        fdb.configure(OTHER, 8, 0);
        Vtep vtep = new Vtep(TunnelSettings.DEFAULT);
        Policy policy = new Policy(1, fdb, new FlowStates(16, FlowTimeouts.DEFAULT, true));
        List<Port> ports = List.of(new Port(0, "a", SEGMENT, false, 1450), new Port(1, "b", OTHER, false, 1450));
        return new VirtualDevices(fdb, vtep, policy, new Bridge(fdb, ports.size(), () -> {}), ports);
    }

    static Stream<Arguments> changes() {
        return Stream.of(
                change("an FDB entry", !IN_OTHERS_TOO, devices -> devices.fdb().add(SEGMENT, 2, 0, true, 0)),
                change(
                        "a port's MTU",
                        !IN_OTHERS_TOO,
                        devices -> devices.ports().getFirst().mtu(1400)),
                change(
                        "the segments",
                        IN_OTHERS_TOO,
                        devices -> devices.vtep().segments(SegmentTable.of(List.of(new Segment(0, 42, 1450, false))))),
                change("the policy", IN_OTHERS_TOO, devices -> devices.policy().publish(PolicySnapshot.EMPTY)));
    }

    private static Arguments change(String what, boolean inOthersToo, Consumer<VirtualDevices> change) {
        return Arguments.of(what, inOthersToo, change);
    }

    @ParameterizedTest
    @MethodSource("changes")
    void changesThatRememberedDecisionsMayContradictAdvanceTheEpoch(
            String what, boolean inOthersToo, Consumer<VirtualDevices> change) {
        VirtualDevices devices = devices();
        Epoch epoch = new Epoch(2);
        devices.announceTo(epoch);
        long before = epoch.now();
        change.accept(devices);
        assertFalse(epoch.isCurrent(SEGMENT, before), "decisions from before " + what + " changed");
        assertEquals(!inOthersToo, epoch.isCurrent(OTHER, before), "decisions in another segment");
    }
}
