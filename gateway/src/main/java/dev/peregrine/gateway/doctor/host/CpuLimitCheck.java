package dev.peregrine.gateway.doctor.host;

import dev.peregrine.gateway.doctor.check.Check;
import dev.peregrine.gateway.doctor.check.Finding;
import dev.peregrine.gateway.doctor.check.Subject;
import dev.peregrine.gateway.doctor.check.Texts;
import dev.peregrine.gateway.doctor.probe.CpuQuota;
import java.util.Locale;
import java.util.Optional;

/** The CPU time that control groups allow. */
public final class CpuLimitCheck implements Check {
    @Override
    public String name() {
        return "cpu-limit";
    }

    @Override
    public String about() {
        return "No control group stops workers: one that has used up its quota stands still for the rest of the period.";
    }

    @Override
    public Finding look(Subject subject) {
        if (!CpuQuota.isVisible(subject.files())) return Finding.skip("/sys/fs/cgroup cannot be seen from here");
        Optional<CpuQuota> quota = CpuQuota.of(subject.files(), subject.process());
        if (quota.isEmpty()) return Finding.ok("no quota");
        CpuQuota limit = quota.get();
        int workers = subject.workers().orElse(1);
        String found = String.format(
                Locale.ROOT,
                "control group %s has a quota of %.2f CPUs for %s and the other threads; throttled in %d of %d periods",
                limit.group(),
                limit.cpus(),
                Texts.count(workers, "worker"),
                limit.throttled(),
                limit.periods());
        boolean isEnough = limit.cpus() >= workers + 1 && limit.throttled() == 0;
        return isEnough
                ? Finding.ok(found)
                : Finding.warn(
                        found,
                        "raise it to " + (workers + 1) + " CPUs or more: systemctl set-property peregrine CPUQuota="
                                + 100 * (workers + 1) + "%; in Kubernetes leave out limits.cpu");
    }
}
