package dev.peregrine.dataplane.bpf;

import static dev.peregrine.dataplane.bpf.BpfCall.PROG_QUERY;

import dev.peregrine.dataplane.linux.sys.Errno;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import java.lang.foreign.Arena;

/**
 * Whether this process can have BPF programs at interfaces, and why not.
 *
 * @param programs why programs cannot be loaded; empty if they can
 * @param tcx why there is no {@link TcxLink}; empty if there is
 */
public record BpfSupport(String programs, String tcx) {
    private static final int INTERFACE = 0;
    private static final int ATTACH_TYPE = 4;
    private static final int LOOPBACK = 1;

    /**
     * Asks the kernel: loads a program of two instructions, and looks at the loopback device's hook. Changes nothing.
     */
    public static BpfSupport probe() {
        Program least = new Assembler("pg_probe").exit(Verdict.NEXT).assemble();
        try (LoadedProgram _ = LoadedProgram.load(least)) {
            return new BpfSupport("", tcxMissing());
        } catch (LinuxException e) {
            return new BpfSupport(e.getMessage(), e.getMessage());
        }
    }

    /** Whether programs can be loaded and attached by {@link TcxLink}. */
    public boolean isComplete() {
        return programs.isEmpty() && tcx.isEmpty();
    }

    private static String tcxMissing() {
        try (Arena arena = Arena.ofConfined()) {
            int result = new BpfCall(arena)
                    .number(INTERFACE, LOOPBACK)
                    .number(ATTACH_TYPE, Hook.INGRESS.attachType)
                    .run(PROG_QUERY);
            if (result >= 0) {
                return "";
            }
            return result == -Errno.EINVAL
                    ? "this kernel has no tcx: it is older than Linux 6.6, or built without CONFIG_NET_XGRESS"
                    : BpfCall.failure(PROG_QUERY, "tcx hook of the loopback device", result)
                            .getMessage();
        }
    }
}
