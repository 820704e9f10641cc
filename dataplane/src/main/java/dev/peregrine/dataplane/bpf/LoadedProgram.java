package dev.peregrine.dataplane.bpf;

import static dev.peregrine.dataplane.bpf.BpfCall.PROG_LOAD;
import static dev.peregrine.dataplane.bpf.BpfCall.PROG_TEST_RUN;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.linux.sys.Syscalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A program in the kernel, checked and compiled: for the hooks of traffic control ({@code BPF_PROG_TYPE_SCHED_CLS}), or
 * a socket filter ({@code BPF_PROG_TYPE_SOCKET_FILTER}). It lasts until it is closed here and detached everywhere. One
 * thread at a time.
 */
public final class LoadedProgram implements AutoCloseable {
    private static final int SOCKET_FILTER = 1;
    private static final int SCHED_CLS = 3;

    /** Of this project; no function that a program here calls is reserved to the GPL. */
    private static final String LICENSE = "Apache-2.0";

    private static final int LOG_SIZE = 1 << 20;
    private static final int VERBOSE = 1;

    // PROG_LOAD
    private static final int TYPE = 0;
    private static final int LENGTH = 4;
    private static final int INSTRUCTIONS = 8;
    private static final int LICENSE_TEXT = 16;
    private static final int LOG_LEVEL = 24;
    private static final int LOG_BYTES = 28;
    private static final int LOG_BUFFER = 32;
    private static final int NAME = 48;

    // PROG_TEST_RUN
    private static final int PROGRAM_FD = 0;
    private static final int RETURN_VALUE = 4;
    private static final int SIZE_IN = 8;
    private static final int SIZE_OUT = 12;
    private static final int DATA_IN = 16;
    private static final int DATA_OUT = 24;
    private static final int REPEAT = 32;
    private static final int DURATION = 36;
    private static final int CONTEXT_SIZE_IN = 40;
    private static final int CONTEXT_IN = 48;

    /** The most that a frame may grow in a test. */
    private static final int GROWTH = 256;

    private final Program program;
    private int fd;

    private LoadedProgram(Program program, int fd) {
        this.program = program;
        this.fd = fd;
    }

    /**
     * Loads a program for a {@link Hook}. The maps that it refers to must be open now, and may be closed afterwards.
     *
     * @throws LinuxException also when the verifier refuses it, with its reason and the instruction
     */
    public static LoadedProgram load(Program program) throws LinuxException {
        return loadAs(SCHED_CLS, program);
    }

    /**
     * As {@link #load}, a socket filter: it reads the frame by {@link KernelFunction#SKB_LOAD_BYTES} alone, changes
     * nothing, and returns a number, not a {@link Verdict}. A run for a test gives it the frame from byte 14 on.
     */
    public static LoadedProgram loadFilter(Program program) throws LinuxException {
        return loadAs(SOCKET_FILTER, program);
    }

    private static LoadedProgram loadAs(int type, Program program) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            BpfCall call = new BpfCall(arena)
                    .number(TYPE, type)
                    .number(LENGTH, program.length())
                    .pointer(INSTRUCTIONS, arena.allocateFrom(JAVA_BYTE, program.bytes()))
                    .pointer(LICENSE_TEXT, arena.allocateFrom(LICENSE))
                    .name(NAME, program.name());
            int fd = call.run(PROG_LOAD);
            if (fd >= 0) {
                return new LoadedProgram(program, fd);
            }
            // Only now with a log, which takes time and a megabyte.
            MemorySegment log = arena.allocate(LOG_SIZE);
            int again = call.number(LOG_LEVEL, VERBOSE)
                    .number(LOG_BYTES, LOG_SIZE)
                    .pointer(LOG_BUFFER, log)
                    .run(PROG_LOAD);
            if (again >= 0) {
                return new LoadedProgram(program, again);
            }
            throw refusal(program, fd, VerifierLog.essence(log.getString(0)));
        }
    }

    private static LinuxException refusal(Program program, int result, String why) {
        if (why.isEmpty()) {
            return BpfCall.failure(PROG_LOAD, program.toString(), result);
        }
        return new LinuxException(
                "bpf PROG_LOAD",
                program.toString(),
                result,
                "the kernel's verifier says: " + why + "; report it with the kernel's version (uname -r)");
    }

    /** The descriptor, owned by this object, by which hooks and devices are told of the program. */
    public int fd() {
        if (fd < 0) {
            throw new IllegalStateException("program " + program.name() + " is closed");
        }
        return fd;
    }

    public String name() {
        return program.name();
    }

    /** As {@link #run(byte[], MemorySegment)}, of a plain frame that the loopback device received. */
    public TestRun run(byte[] frame) throws LinuxException {
        return run(frame, MemorySegment.NULL);
    }

    /**
     * Runs the program once on a frame, which goes nowhere: the kernel gives it back as the program left it. Maps are
     * those of earnest. A frame that the program redirects comes back with {@link Verdict#REDIRECT}.
     *
     * @param frame from the Ethernet header on, at least 14 bytes; in one piece up to a page
     * @param skBuff {@link SkBuff#SIZE} native bytes with what the kernel shall know of the frame (mark, gso_segs,
     *     gso_size; the rest is 0), or {@link MemorySegment#NULL}
     */
    public TestRun run(byte[] frame, MemorySegment skBuff) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            int room = frame.length + GROWTH;
            MemorySegment out = arena.allocate(room);
            BpfCall call = new BpfCall(arena)
                    .number(PROGRAM_FD, fd())
                    .number(SIZE_IN, frame.length)
                    .pointer(DATA_IN, arena.allocateFrom(JAVA_BYTE, frame))
                    .number(SIZE_OUT, room)
                    .pointer(DATA_OUT, out)
                    .number(REPEAT, 1);
            if (!skBuff.equals(MemorySegment.NULL)) {
                call.number(CONTEXT_SIZE_IN, SkBuff.SIZE).pointer(CONTEXT_IN, skBuff);
            }
            call.require(PROG_TEST_RUN, program.name() + ", frame of " + frame.length + " bytes");
            byte[] left = out.asSlice(0, call.number(SIZE_OUT)).toArray(JAVA_BYTE);
            return new TestRun(call.number(RETURN_VALUE), left, call.number(DURATION));
        }
    }

    /** Gives up the program, unless it is attached. Calls after the first do nothing. */
    @Override
    public void close() {
        if (fd >= 0) {
            Syscalls.close(fd);
            fd = -1;
        }
    }

    @Override
    public String toString() {
        return "program " + program;
    }
}
