package dev.peregrine.gateway.doctor.host;

import dev.peregrine.gateway.doctor.check.Check;
import dev.peregrine.gateway.doctor.check.Finding;
import dev.peregrine.gateway.doctor.check.Subject;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The clock that the kernel reads the time from. */
public final class ClockCheck implements Check {
    @Override
    public String name() {
        return "clock";
    }

    @Override
    public String about() {
        return "The kernel reads the time without leaving user space: other clocks make each reading a system call.";
    }

    private static final Set<String> FAST =
            Set.of("tsc", "kvm-clock", "hyperv_clocksource_tsc_page", "arch_sys_counter", "xen");

    private static final String FOLDER = "sys/devices/system/clocksource/clocksource0/";

    @Override
    public Finding look(Subject subject) {
        Optional<String> clock = subject.files().line(FOLDER + "current_clocksource");
        if (clock.isEmpty()) return Finding.skip("/" + FOLDER + " cannot be read");
        if (FAST.contains(clock.get())) return Finding.ok(clock.get());
        List<String> others = List.of(subject.files()
                .line(FOLDER + "available_clocksource")
                .orElse("")
                .split(" ", -1));
        return Finding.warn(
                clock.get() + ": workers read the clock by system calls",
                others.stream()
                        .filter(FAST::contains)
                        .findFirst()
                        .map(fast -> "echo " + fast + " > /" + FOLDER + "current_clocksource")
                        .orElse("boot with clocksource=tsc tsc=reliable, if the hypervisor has it"));
    }
}
