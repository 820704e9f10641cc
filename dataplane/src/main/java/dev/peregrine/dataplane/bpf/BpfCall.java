package dev.peregrine.dataplane.bpf;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.peregrine.dataplane.linux.sys.Errno;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.linux.sys.Syscalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/**
 * A command of {@code bpf(2)} and its arguments, a {@code union bpf_attr}: offsets are those of the command's part of
 * it. Bytes that are not written are 0, which means the default everywhere. To be used again with other arguments.
 */
final class BpfCall {
    static final int MAP_CREATE = 0;
    static final int MAP_LOOKUP_ELEM = 1;
    static final int MAP_UPDATE_ELEM = 2;
    static final int MAP_DELETE_ELEM = 3;
    static final int PROG_LOAD = 5;
    static final int PROG_TEST_RUN = 10;
    static final int PROG_QUERY = 16;
    static final int LINK_CREATE = 28;

    /** The kernel takes more bytes than it knows if they are 0. */
    private static final int ATTRIBUTES_SIZE = 144;

    private final MemorySegment attributes;

    BpfCall(Arena arena) {
        attributes = arena.allocate(ATTRIBUTES_SIZE, Long.BYTES);
    }

    BpfCall number(int offset, int value) {
        attributes.set(JAVA_INT, offset, value);
        return this;
    }

    int number(int offset) {
        return attributes.get(JAVA_INT, offset);
    }

    /** The memory must stay until the call has returned. */
    BpfCall pointer(int offset, MemorySegment memory) {
        attributes.set(JAVA_LONG, offset, memory.address());
        return this;
    }

    /** A name of at most 15 characters. */
    BpfCall name(int offset, String name) {
        MemorySegment.copy(
                MemorySegment.ofArray(name.getBytes(StandardCharsets.US_ASCII)), 0, attributes, offset, name.length());
        return this;
    }

    /** The command's result, or {@code -errno}. */
    int run(int command) {
        int result;
        do {
            result = Syscalls.bpf(command, attributes.address(), ATTRIBUTES_SIZE);
        } while (result == -Errno.EINTR);
        return result;
    }

    /** As {@link #run}, but a failure is thrown. */
    int require(int command, String subject) throws LinuxException {
        int result = run(command);
        if (result < 0) {
            throw failure(command, subject, result);
        }
        return result;
    }

    static LinuxException failure(int command, String subject, int result) {
        return new LinuxException("bpf " + name(command), subject, result, advice(result));
    }

    /** The remedy for an error of any command. */
    static String advice(int errno) {
        return switch (Math.abs(errno)) {
            case Errno.EPERM, Errno.EACCES ->
                "it wants CAP_BPF and CAP_NET_ADMIN in the initial user namespace, and a seccomp filter that lets"
                        + " bpf(2) pass";
            case Errno.ENOSYS -> "this kernel is built without BPF (CONFIG_BPF_SYSCALL)";
            case Errno.EINVAL -> "this kernel is too old for it, or built without it";
            default -> LinuxException.advice(errno);
        };
    }

    private static String name(int command) {
        return switch (command) {
            case MAP_CREATE -> "MAP_CREATE";
            case MAP_LOOKUP_ELEM -> "MAP_LOOKUP_ELEM";
            case MAP_UPDATE_ELEM -> "MAP_UPDATE_ELEM";
            case MAP_DELETE_ELEM -> "MAP_DELETE_ELEM";
            case PROG_LOAD -> "PROG_LOAD";
            case PROG_TEST_RUN -> "PROG_TEST_RUN";
            case PROG_QUERY -> "PROG_QUERY";
            case LINK_CREATE -> "LINK_CREATE";
            default -> "command " + command;
        };
    }
}
