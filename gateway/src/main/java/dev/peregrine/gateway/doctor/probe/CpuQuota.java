package dev.peregrine.gateway.doctor.probe;

import dev.peregrine.gateway.placement.SystemFiles;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * The least share of CPU time that the control groups of a process allow it, of version 2 or 1.
 *
 * @param cpus how many CPUs' worth of time
 * @param throttled periods in which the group had used up its share
 * @param periods in which it ran
 * @param group its path
 */
public record CpuQuota(double cpus, long throttled, long periods, String group) {
    private static final Pattern UNIFIED = Pattern.compile("(?m)^0::(/.*)$");
    private static final Pattern LEGACY = Pattern.compile("(?m)^\\d+:((?:[^:]*,)?cpu(?:,[^:]*)?):(/.*)$");
    private static final String ROOT = "sys/fs/cgroup/";

    /** Whether control groups can be seen: {@code ip netns exec}, for one, hides them. */
    public static boolean isVisible(SystemFiles files) {
        return files.exists(ROOT + "cgroup.controllers")
                || files.exists(ROOT + "cpu")
                || files.exists(ROOT + "cpu,cpuacct");
    }

    /**
     * That of a process; empty without a limit.
     *
     * @param process its folder, such as {@code proc/self}
     */
    public static Optional<CpuQuota> of(SystemFiles files, String process) {
        String groups = files.text(process + "/cgroup").orElse("");
        Optional<CpuQuota> legacy = find(LEGACY, groups)
                .flatMap(line -> least(files, ROOT + line.group(1), line.group(2), CpuQuota::legacy)
                        .or(() -> least(files, ROOT + "cpu", line.group(2), CpuQuota::legacy)));
        return legacy.or(() -> find(UNIFIED, groups)
                .flatMap(line -> least(files, ROOT.substring(0, ROOT.length() - 1), line.group(1), CpuQuota::unified)));
    }

    private static Optional<MatchResult> find(Pattern pattern, String text) {
        return pattern.matcher(text).results().findFirst();
    }

    /** Reads the limit of one group. */
    private interface Limit {
        Optional<Double> cpus(SystemFiles files, String folder);
    }

    private static Optional<CpuQuota> least(SystemFiles files, String root, String group, Limit limit) {
        CpuQuota least = null;
        for (String path = group; ; path = path.substring(0, path.lastIndexOf('/'))) {
            String folder = root + path;
            Optional<Double> cpus = limit.cpus(files, folder);
            if (cpus.isPresent() && (least == null || cpus.get() < least.cpus)) {
                String statistics = files.text(folder + "/cpu.stat").orElse("");
                least = new CpuQuota(
                        cpus.get(), count(statistics, "nr_throttled"), count(statistics, "nr_periods"), path);
            }
            if (path.lastIndexOf('/') < 0 || path.equals("/")) return Optional.ofNullable(least);
        }
    }

    private static long count(String statistics, String name) {
        return find(Pattern.compile("(?m)^" + name + " (\\d+)$"), statistics)
                .map(line -> Long.parseLong(line.group(1)))
                .orElse(0L);
    }

    private static Optional<Double> unified(SystemFiles files, String folder) {
        return files.line(folder + "/cpu.max")
                .filter(text -> text.matches("\\d+ \\d+"))
                .map(text -> text.split(" ", 2))
                .map(words -> Double.parseDouble(words[0]) / Double.parseDouble(words[1]));
    }

    private static Optional<Double> legacy(SystemFiles files, String folder) {
        int quota = files.number(folder + "/cpu.cfs_quota_us").orElse(-1);
        int period = files.number(folder + "/cpu.cfs_period_us").orElse(0);
        return quota > 0 && period > 0 ? Optional.of((double) quota / period) : Optional.empty();
    }
}
