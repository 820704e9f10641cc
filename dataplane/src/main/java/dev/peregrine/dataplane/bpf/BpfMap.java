package dev.peregrine.dataplane.bpf;

import static dev.peregrine.dataplane.bpf.BpfCall.MAP_CREATE;
import static dev.peregrine.dataplane.bpf.BpfCall.MAP_DELETE_ELEM;
import static dev.peregrine.dataplane.bpf.BpfCall.MAP_LOOKUP_ELEM;
import static dev.peregrine.dataplane.bpf.BpfCall.MAP_UPDATE_ELEM;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.peregrine.dataplane.linux.sys.Errno;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.linux.sys.SharedMemory;
import dev.peregrine.dataplane.linux.sys.Syscalls;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A table in the kernel that programs and this process share. It lasts until it is closed here and every program that
 * refers to it is gone.
 *
 * <p>The methods that take a key allocate nothing. One thread at a time; {@link #memory} may be used by any.
 */
public final class BpfMap implements AutoCloseable {
    /** The kernel lays values of arrays out at multiples of this. */
    private static final int ALIGNMENT = 8;

    private static final int BPF_F_MMAPABLE = 1 << 10;
    private static final Path POSSIBLE_CPUS = Path.of("/sys/devices/system/cpu/possible");

    // MAP_CREATE
    private static final int TYPE = 0;
    private static final int KEY_SIZE = 4;
    private static final int VALUE_SIZE = 8;
    private static final int MAX_ENTRIES = 12;
    private static final int MAP_FLAGS = 16;
    private static final int INNER_MAP_FD = 20;
    private static final int MAP_NAME = 28;

    // The commands for elements
    private static final int MAP_FD = 0;
    private static final int KEY = 8;
    private static final int VALUE = 16;

    private final Arena arena = Arena.ofShared();
    private final BpfCall call = new BpfCall(arena);
    private final String name;
    private final int keySize;
    private final int valueBytes;
    private final MemorySegment memory;
    private int fd = -1;

    private BpfMap(MapType type, String name, int keySize, int valueSize, int capacity) throws LinuxException {
        this(type, name, keySize, valueSize, capacity, /* isMapped= */ false, null, 0);
    }

    /** An array is mapped as long as {@code lasting} lasts, or, where that is null, until it is closed. */
    private BpfMap(
            MapType type,
            String name,
            int keySize,
            int valueSize,
            int capacity,
            boolean isMapped,
            @Nullable Arena lasting,
            int innerFd)
            throws LinuxException {
        this.name = Assembler.checkName(name);
        this.keySize = keySize;
        int stride = stride(valueSize);
        valueBytes = type == MapType.PERCPU_ARRAY ? stride * possibleCpus() : valueSize;
        try {
            fd = new BpfCall(arena)
                    .number(TYPE, type.number)
                    .number(KEY_SIZE, keySize)
                    .number(VALUE_SIZE, valueSize)
                    .number(MAX_ENTRIES, capacity)
                    .number(MAP_FLAGS, isMapped ? BPF_F_MMAPABLE : 0)
                    .number(INNER_MAP_FD, innerFd)
                    .name(MAP_NAME, name)
                    .require(MAP_CREATE, name + ", " + type + " of " + capacity);
            call.number(MAP_FD, fd);
            Arena mapping = lasting == null ? arena : lasting;
            memory = isMapped ? SharedMemory.map(mapping, fd, (long) stride * capacity) : MemorySegment.NULL;
        } catch (LinuxException e) {
            close();
            throw e;
        }
    }

    /**
     * Makes an empty {@link MapType#HASH} or {@link MapType#LRU_HASH}.
     *
     * @param name as the kernel shows it: 1 to 15 letters, digits and underscores
     * @param keySize bytes; all of them count, those of padding too
     * @param valueSize bytes
     * @param capacity entries; their memory is taken now
     */
    public static BpfMap hash(MapType type, String name, int keySize, int valueSize, int capacity)
            throws LinuxException {
        if (type != MapType.HASH && type != MapType.LRU_HASH) {
            throw new IllegalArgumentException("a hash of type " + type + ": only HASH and LRU_HASH");
        }
        return new BpfMap(type, name, keySize, valueSize, capacity);
    }

    /** Makes an {@link MapType#ARRAY} of zeros whose entries are at {@link #memory} too. */
    public static BpfMap array(String name, int valueSize, int capacity) throws LinuxException {
        return new BpfMap(MapType.ARRAY, name, Integer.BYTES, valueSize, capacity, /* isMapped= */ true, null, 0);
    }

    /** The same; {@link #memory} lasts as long as an arena does, also when the map is closed. */
    public static BpfMap array(String name, int valueSize, int capacity, Arena memory) throws LinuxException {
        return new BpfMap(MapType.ARRAY, name, Integer.BYTES, valueSize, capacity, /* isMapped= */ true, memory, 0);
    }

    /** Makes a {@link MapType#PERCPU_ARRAY} of zeros. */
    public static BpfMap perCpuArray(String name, int valueSize, int capacity) throws LinuxException {
        return new BpfMap(MapType.PERCPU_ARRAY, name, Integer.BYTES, valueSize, capacity);
    }

    /**
     * Makes an {@link MapType#ARRAY_OF_MAPS} without entries, for maps that are like {@code inner} in type and size.
     */
    public static BpfMap arrayOfMaps(String name, BpfMap inner, int capacity) throws LinuxException {
        return new BpfMap(
                MapType.ARRAY_OF_MAPS,
                name,
                Integer.BYTES,
                Integer.BYTES,
                capacity,
                /* isMapped= */ false,
                null,
                inner.fd());
    }

    /**
     * Puts a map into an {@link MapType#ARRAY_OF_MAPS}; waits until no program uses the one that was there before. Any
     * thread, also several at a time: each has arguments of its own.
     */
    public void update(int index, BpfMap inner) throws LinuxException {
        try (Arena confined = Arena.ofConfined()) {
            new BpfCall(confined)
                    .number(MAP_FD, fd())
                    .pointer(KEY, confined.allocateFrom(JAVA_INT, index))
                    .pointer(VALUE, confined.allocateFrom(JAVA_INT, inner.fd()))
                    .require(MAP_UPDATE_ELEM, name);
        }
    }

    /** Bytes from one value of an array to the next in {@link #memory}. */
    public static int stride(int valueSize) {
        return (valueSize + ALIGNMENT - 1) & -ALIGNMENT;
    }

    /** The descriptor, by which programs refer to the map. */
    int fd() {
        if (fd < 0) {
            throw new IllegalStateException("map " + name + " is closed");
        }
        return fd;
    }

    /**
     * The entries of an {@link MapType#ARRAY}, one every {@link #stride} bytes, as the programs see them: a store here
     * is a store there. Empty of other maps. Lasts until the map is closed, unless it was made for another arena.
     */
    public MemorySegment memory() {
        return memory;
    }

    /**
     * Bytes of a value as this process reads it: for a {@link MapType#PERCPU_ARRAY} those of all CPUs, each at a
     * stride.
     */
    public int valueBytes() {
        return valueBytes;
    }

    /** Reads an entry into {@code value}; returns whether there is one. */
    public boolean lookup(MemorySegment key, MemorySegment value) throws LinuxException {
        return element(MAP_LOOKUP_ELEM, key, check(value, valueBytes));
    }

    /** Writes an entry, there or not. A full {@link MapType#HASH} throws {@code E2BIG}. */
    public void update(MemorySegment key, MemorySegment value) throws LinuxException {
        element(MAP_UPDATE_ELEM, key, check(value, valueBytes));
    }

    /** Removes an entry of a hash; returns whether there was one. */
    public boolean delete(MemorySegment key) throws LinuxException {
        return element(MAP_DELETE_ELEM, key, MemorySegment.NULL);
    }

    private boolean element(int command, MemorySegment key, MemorySegment value) throws LinuxException {
        fd();
        int result =
                call.pointer(KEY, check(key, keySize)).pointer(VALUE, value).run(command);
        if (result == -Errno.ENOENT) {
            return false;
        }
        if (result < 0) {
            throw BpfCall.failure(command, name, result);
        }
        return true;
    }

    private static MemorySegment check(MemorySegment memory, int bytes) {
        if (!memory.isNative() || memory.byteSize() < bytes) {
            throw new IllegalArgumentException(memory + " is not native memory of " + bytes + " bytes");
        }
        return memory;
    }

    /** The kernel has a value for each CPU that may ever be there. The file has ranges, as in {@code 0-3,8}. */
    private static int possibleCpus() {
        try {
            String text = Files.readString(POSSIBLE_CPUS).strip();
            return Integer.parseInt(text.replaceFirst(".*[-,]", "")) + 1;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Frees it, unless a program still refers to it. Calls after the first do nothing. */
    @Override
    public void close() {
        if (fd >= 0) {
            Syscalls.close(fd);
            fd = -1;
        }
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }

    @Override
    public String toString() {
        return "map " + name;
    }
}
