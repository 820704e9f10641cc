package dev.peregrine.gateway.live.doctor;

import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A control group with a quota of CPU time, of version 1 or 2. */
final class Quota implements AutoCloseable {
    private final Path group;

    private Quota(Path group) {
        this.group = group;
    }

    /** Half of a CPU; aborts the test loudly where no such group can be made. */
    static Quota ofHalfACpu() throws IOException {
        String name = "pgl-doctor-" + ProcessHandle.current().pid();
        Path legacy = Path.of("/sys/fs/cgroup/cpu");
        boolean isLegacy = Files.exists(legacy.resolve("cpu.cfs_quota_us"));
        Path group = (isLegacy ? legacy : Path.of("/sys/fs/cgroup")).resolve(name);
        try {
            Files.createDirectory(group);
            if (isLegacy) Files.writeString(group.resolve("cpu.cfs_quota_us"), "50000");
            else Files.writeString(group.resolve("cpu.max"), "50000 100000");
            return new Quota(group);
        } catch (IOException refused) {
            Files.deleteIfExists(group);
            System.err.println("SKIPPED: no control group with a quota can be made: " + refused);
            return abort("no control group with a quota: " + refused);
        }
    }

    /** Words in front of a command that is to run in it. */
    List<String> words() {
        return List.of("sh", "-c", "echo $$ > " + group.resolve("cgroup.procs") + " && exec \"$@\"", "sh");
    }

    @Override
    public void close() throws IOException {
        Files.delete(group);
    }
}
