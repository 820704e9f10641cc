package dev.peregrine.gateway.live.doctor;

import dev.peregrine.dataplane.testing.live.Await;
import dev.peregrine.gateway.live.lab.GatewayProcess;
import dev.peregrine.gateway.live.lab.LiveTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Faults of control planes that are planted: {@code doctor} names each, and its remedy ends the complaint. */
@LiveTest
class DoctorPlanesLiveTest extends PlantedFaults {
    private String planes(String plane) {
        return lab.gatewayConfigB().replace("flood:", "control: [p]\n    flood:") + "control:\n  cache: " + folder
                + "\n  planes: [{name: p, " + plane + "}]\n";
    }

    @Test
    void aShadowPortThatIsOpen() throws IOException {
        needs("nft");
        String evpn = planes("type: evpn, vtyFolder: " + folder);
        Path file = Files.writeString(
                folder.resolve("gateway.yaml"),
                evpn.replace("control:\n", "control:\n  socket: " + folder.resolve("control.sock") + "\n"));
        Examination open = Examination.of(host, file);
        open.complainsOnlyOf("shadow-port", "plane-access");
        String remedy =
                open.says("shadow-port", "warn", "UDP port 14789 is open to other hosts", "udp dport 14789 drop");
        open.says("plane-access", "fail", "bgpd.vty is not there", "/etc/frr/daemons");
        cure(remedy);
        Examination.of(host, file)
                .complainsOnlyOf("plane-access")
                .says("shadow-port", "ok", "UDP port 14789 is closed", "");
    }

    @Test
    void aRunningGatewayWhosePlaneIsAway() throws IOException {
        String gone = planes("type: file, path: " + folder.resolve("claims.d"));
        try (GatewayProcess gateway = GatewayProcess.start(host, gone)) {
            Examination away = Examination.of(gateway.socket());
            away.says("planes", "warn", "cannot read " + folder.resolve("claims.d"), "control list");
            String remedy = away.says("plane-access", "fail", "cannot read", "mkdir -p " + folder.resolve("claims.d"));
            cure(remedy);
            Await.until(
                    Duration.ofSeconds(10),
                    "the plane is live",
                    () -> gateway.row("control", "plane", "p")
                            .path("state")
                            .asText()
                            .equals("live"),
                    gateway::toString);
            Examination well = Examination.of(gateway.socket());
            well.says("planes", "ok", "p: live", "");
            well.says("plane-access", "ok", "has 0 claims", "");
        }
        Files.delete(folder.resolve("claims.d"));
    }
}
