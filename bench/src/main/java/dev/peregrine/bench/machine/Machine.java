package dev.peregrine.bench.machine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** The machine of a measurement. */
public record Machine(String cpu, int cpus, long memoryMebibytes, String kernel, String jdk) {
    /** This machine. */
    public static Machine here() throws IOException {
        return new Machine(
                field(Path.of("/proc/cpuinfo"), "model name"),
                Runtime.getRuntime().availableProcessors(),
                Long.parseLong(field(Path.of("/proc/meminfo"), "MemTotal").replaceAll("\\D", "")) / 1024,
                System.getProperty("os.name") + " " + System.getProperty("os.version"),
                System.getProperty("java.vm.vendor") + " " + System.getProperty("java.vm.version"));
    }

    /** The value of a line such as {@code MemTotal:   24 kB}. */
    private static String field(Path file, String name) throws IOException {
        return Files.readString(file)
                .lines()
                .filter(line -> line.startsWith(name))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElse("0 unknown");
    }

    /** In a line. */
    public String text() {
        return String.format(
                Locale.ROOT, "%s, %d CPUs, %.0f GiB, %s, %s", cpu, cpus, memoryMebibytes / 1024.0, kernel, jdk);
    }
}
