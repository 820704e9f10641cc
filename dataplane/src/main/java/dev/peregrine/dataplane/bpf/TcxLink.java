package dev.peregrine.dataplane.bpf;

import static dev.peregrine.dataplane.bpf.BpfCall.LINK_CREATE;

import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.linux.sys.Syscalls;
import java.lang.foreign.Arena;

/**
 * A program at a hook of an interface (tcx, from Linux 6.6 on). Programs of one hook run one after the other, as long
 * as they say {@link Verdict#NEXT}. Closing takes it away, as does the end of this process; it ends with its interface,
 * too.
 */
public final class TcxLink implements AutoCloseable {
    private static final int BPF_F_BEFORE = 1 << 3;
    private static final int BPF_F_AFTER = 1 << 4;

    private static final int PROGRAM_FD = 0;
    private static final int INTERFACE = 4;
    private static final int ATTACH_TYPE = 8;
    private static final int FLAGS = 12;

    /** The place among the programs that are at the hook already. */
    public enum Place {
        /** Before all of them. */
        FIRST(BPF_F_BEFORE),
        /** Behind all of them. */
        LAST(BPF_F_AFTER);

        private final int flags;

        Place(int flags) {
            this.flags = flags;
        }
    }

    private int fd;

    private TcxLink(int fd) {
        this.fd = fd;
    }

    /**
     * Attaches a program, which may be closed afterwards.
     *
     * @param index the interface's number in the calling thread's network namespace
     */
    public static TcxLink attach(LoadedProgram program, int index, Hook hook, Place place) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            int fd = new BpfCall(arena)
                    .number(PROGRAM_FD, program.fd())
                    .number(INTERFACE, index)
                    .number(ATTACH_TYPE, hook.attachType)
                    .number(FLAGS, place.flags)
                    .require(LINK_CREATE, program.name() + " at interface " + index + ", " + hook);
            return new TcxLink(fd);
        }
    }

    /** Takes the program away from the hook. Calls after the first do nothing. */
    @Override
    public void close() {
        if (fd >= 0) {
            Syscalls.close(fd);
            fd = -1;
        }
    }
}
