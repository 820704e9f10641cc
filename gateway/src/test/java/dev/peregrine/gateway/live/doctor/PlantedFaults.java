package dev.peregrine.gateway.live.doctor;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.peregrine.dataplane.testing.live.BackgroundProcess;
import dev.peregrine.dataplane.testing.live.Command;
import dev.peregrine.dataplane.testing.live.Namespace;
import dev.peregrine.testkit.live.Lab;
import dev.peregrine.testkit.live.Underlay;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A host of a lab, on which faults are planted, and the ways to plant them. */
abstract class PlantedFaults {
    @TempDir
    Path folder;

    Lab lab;
    Namespace host;

    @BeforeEach
    void begin() {
        lab = Lab.create(Underlay.IPV4_WIRE);
        host = lab.hB();
        lab.hA().output("ethtool", "-K", "uA", "tx", "off"); // as a network card, which fills checksums
    }

    @AfterEach
    void end() {
        lab.close();
    }

    Path config() {
        return config(lab.gatewayConfigB());
    }

    Path config(String text) {
        return Examination.file(folder, text);
    }

    /** Runs the first command of a remedy on the host, as an operator would copy it. */
    void cure(String remedy) {
        host.output("sh", "-c", remedy.split(", or ", 2)[0]);
    }

    /** Datagrams from container A, without asking who has the address. */
    BackgroundProcess traffic() {
        lab.cA().ip("neigh replace %s lladdr %s dev eth0".formatted(Lab.INNER_B, Lab.MAC_B));
        String loop = "exec 2>/dev/null; while :; do echo x >/dev/udp/" + Lab.INNER_B + "/9; read -t 0.02; done";
        return BackgroundProcess.start(lab.cA().words("bash", "-c", loop));
    }

    void nft(String words) {
        host.output("nft", "add table inet fw");
        host.output("nft", words);
    }

    static void needs(String tool) {
        boolean present = Command.run(List.of("sh", "-c", "command -v " + tool)).exit() == 0;
        if (!present) System.err.println("SKIPPED: no " + tool + " on the PATH, so no fault of its kind was planted");
        assumeTrue(present, "no " + tool + " on the PATH");
    }
}
