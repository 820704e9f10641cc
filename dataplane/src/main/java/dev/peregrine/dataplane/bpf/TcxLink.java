package dev.peregrine.dataplane.bpf;

import static dev.peregrine.dataplane.bpf.BpfCall.LINK_CREATE;

import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.linux.sys.Syscalls;
import java.lang.foreign.Arena;

/** A program at a hook by a descriptor, from Linux 6.6 on: the end of this process takes it away, too. */
public final class TcxLink implements Attachment {
    private static final int BPF_F_BEFORE = 1 << 3;
    private static final int BPF_F_AFTER = 1 << 4;
    private static final int BPF_F_LINK = 1 << 13;

    private static final int PROGRAM_FD = 0;
    private static final int INTERFACE = 4;
    private static final int ATTACH_TYPE = 8;
    private static final int FLAGS = 12;
    private static final int RELATIVE_FD = 16;

    private int fd;

    private TcxLink(int fd) {
        this.fd = fd;
    }

    /** As {@link Attachment#attach}. */
    public static TcxLink attach(LoadedProgram program, int index, Hook hook, Place place) throws LinuxException {
        return attach(program, index, hook, place == Place.FIRST ? BPF_F_BEFORE : BPF_F_AFTER, 0);
    }

    /** As {@link Attachment#attach}, right before another one of the same hook. */
    public static TcxLink attachBefore(LoadedProgram program, int index, Hook hook, TcxLink other)
            throws LinuxException {
        return attach(program, index, hook, BPF_F_BEFORE | BPF_F_LINK, other.fd);
    }

    private static TcxLink attach(LoadedProgram program, int index, Hook hook, int flags, int relative)
            throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            int fd = new BpfCall(arena)
                    .number(PROGRAM_FD, program.fd())
                    .number(INTERFACE, index)
                    .number(ATTACH_TYPE, hook.attachType)
                    .number(FLAGS, flags)
                    .number(RELATIVE_FD, relative)
                    .require(LINK_CREATE, program.name() + " at interface " + index + ", " + hook);
            return new TcxLink(fd);
        }
    }

    @Override
    public void close() {
        if (fd >= 0) {
            Syscalls.close(fd);
            fd = -1;
        }
    }
}
