package dev.peregrine.gateway.doctor.host;

import dev.peregrine.gateway.doctor.check.Check;
import dev.peregrine.gateway.doctor.check.Finding;
import dev.peregrine.gateway.doctor.check.Subject;
import dev.peregrine.gateway.placement.CpuSet;
import java.io.IOException;

/** The CPUs that workers run on. */
public final class WorkerCpusCheck implements Check {
    @Override
    public String name() {
        return "worker-cpus";
    }

    @Override
    public String about() {
        return "The workers' CPUs are ones that the process may use, and isolated ones are not left idle.";
    }

    @Override
    public Finding look(Subject subject) throws IOException {
        CpuSet allowed = subject.files()
                .text(subject.process() + "/status")
                .flatMap(CpuSet::allowed)
                .orElseThrow(() -> new IOException("/" + subject.process() + "/status cannot be read"));
        CpuSet workers = CpuSet.of(subject.workerCpus());
        if (!allowed.containsAll(workers)) {
            return Finding.fail(
                    "workers on CPUs " + workers + ", but the process may use " + allowed,
                    "set workers.cpus to some of these, or widen the process's cpuset or taskset");
        }
        CpuSet isolated = subject.files()
                .line("sys/devices/system/cpu/isolated")
                .flatMap(CpuSet::parseList)
                .orElse(CpuSet.EMPTY);
        if (!isolated.isEmpty() && !isolated.intersects(workers)) {
            return Finding.warn(
                    "CPUs " + isolated + " are isolated from the scheduler, and no worker is there",
                    "workers: {cpus: [" + isolated + "]}");
        }
        return Finding.ok(
                workers.isEmpty()
                        ? "chosen at start among CPUs " + allowed
                        : "workers on CPU " + workers + ", of " + allowed);
    }
}
