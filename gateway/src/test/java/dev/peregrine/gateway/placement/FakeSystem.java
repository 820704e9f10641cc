package dev.peregrine.gateway.placement;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/** A folder with {@code proc} and {@code sys} as a test wants them. */
final class FakeSystem {
    private final Path root;

    FakeSystem(Path root) {
        this.root = root;
    }

    SystemFiles files() {
        return new SystemFiles(root);
    }

    FakeSystem file(String path, String text) {
        try {
            Path file = root.resolve(path);
            parent(file);
            Files.writeString(file, text + "\n");
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A symbolic link to a folder, which is made. */
    FakeSystem link(String path, String folder) {
        try {
            Path link = root.resolve(path);
            Path from = parent(link);
            Path target = Files.createDirectories(root.resolve(folder));
            Files.createSymbolicLink(link, from.relativize(target));
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The folder of a file, which is made if it is not there. */
    private static Path parent(Path file) throws IOException {
        return Files.createDirectories(Objects.requireNonNull(file.getParent()));
    }

    FakeSystem remove(String path) {
        try {
            Files.delete(root.resolve(path));
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A network interface, of which the kernel writes {@code 02:00:00:00:00:01}. */
    FakeSystem device(String name, int index) {
        String folder = "sys/class/net/" + name;
        file(folder + "/ifindex", String.valueOf(index));
        file(folder + "/address", "02:00:00:00:00:01");
        file(folder + "/threaded", "0");
        return file(folder + "/queues/rx-0/rps_cpus", "00000000,00000000");
    }

    FakeSystem irq(int number, String name, String effective, String allowed) {
        file("sys/kernel/irq/" + number + "/actions", name);
        file("proc/irq/" + number + "/effective_affinity_list", effective);
        return file("proc/irq/" + number + "/smp_affinity_list", allowed);
    }

    FakeSystem thread(int number, String name, String cpus) {
        file("proc/" + number + "/comm", name);
        return file(
                "proc/" + number + "/status", "Name:\t" + name + "\nCpus_allowed:\tff\nCpus_allowed_list:\t" + cpus);
    }
}
