package dev.peregrine.gateway.doctor.host;

import dev.peregrine.gateway.config.model.TapPortConfig;
import dev.peregrine.gateway.doctor.check.Check;
import dev.peregrine.gateway.doctor.check.Finding;
import dev.peregrine.gateway.doctor.check.Subject;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;

/** The device that TAP devices are made with. */
public final class TunCheck implements Check {
    @Override
    public String name() {
        return "tun";
    }

    @Override
    public String about() {
        return "`/dev/net/tun` is there and this user, or the gateway, may open it.";
    }

    @Override
    public Finding look(Subject subject) {
        boolean wanted =
                subject.config().isEmpty() || subject.ports().stream().anyMatch(TapPortConfig.class::isInstance);
        if (!wanted) return Finding.skip("the configuration has no TAP port");
        Path device = Path.of("/", subject.process(), "root", "dev", "net", "tun");
        if (!Files.isExecutable(Path.of("/", subject.process(), "root"))) {
            return Finding.skip("the files of the gateway's process cannot be seen", "run doctor as root");
        }
        if (!Files.exists(device)) {
            return Finding.fail(
                    "/dev/net/tun is not there: no TAP port can be made",
                    "modprobe tun, or mkdir -p /dev/net && mknod -m 666 /dev/net/tun c 10 200; of a container --device"
                            + " /dev/net/tun");
        }
        try (RandomAccessFile _ = new RandomAccessFile(device.toFile(), "rw")) {
            return Finding.ok("/dev/net/tun can be opened");
        } catch (IOException refused) {
            return Finding.fail(
                    "/dev/net/tun cannot be opened: "
                            + String.valueOf(refused.getMessage()).replaceFirst(".*\\((.*)\\)$", "$1"),
                    "chmod 666 /dev/net/tun, or run as root");
        }
    }
}
