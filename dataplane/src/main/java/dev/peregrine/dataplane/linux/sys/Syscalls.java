package dev.peregrine.dataplane.linux.sys;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/**
 * The C library's system call wrappers; the only class that links native code.
 *
 * <p>Every method returns the call's result, or {@code -errno} where C returns -1; none throws. Pointers are plain
 * addresses: the caller keeps the memory alive and in bounds. No handle is {@code critical}, since any of these may
 * block or copy much, and a critical call holds up every safepoint.
 */
public final class Syscalls {
    /** Type flag of {@link #socket}: calls on it do not block. */
    public static final int SOCK_NONBLOCK = 0x800;

    /** Type flag of {@link #socket}: it is closed in programs that this one starts. */
    public static final int SOCK_CLOEXEC = 0x80000;

    /** Address family of IPv4. */
    public static final int AF_INET = 2;

    /** Address family of IPv6. */
    public static final int AF_INET6 = 10;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final Linker.Option CAPTURE_ERRNO = Linker.Option.captureCallState("errno");
    private static final long ERRNO_OFFSET =
            Linker.Option.captureStateLayout().byteOffset(PathElement.groupElement("errno"));

    /**
     * Where a call leaves errno: one cell per thread, never freed while the thread lives, so calls allocate nothing.
     */
    private static final ThreadLocal<MemorySegment> ERRNO =
            ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(Linker.Option.captureStateLayout()));

    private static final MethodHandle OPEN = variadic("open", 3);
    private static final MethodHandle CHMOD = link("chmod", 2);
    private static final MethodHandle UNLINK = link("unlink", 1);
    private static final MethodHandle IOCTL = variadic("ioctl", 3);
    private static final MethodHandle CLOSE = link("close", 1);
    private static final MethodHandle READ = link("read", 3);
    private static final MethodHandle WRITEV = link("writev", 3);
    private static final MethodHandle SOCKET = link("socket", 3);
    private static final MethodHandle BIND = link("bind", 3);
    private static final MethodHandle CONNECT = link("connect", 3);
    private static final MethodHandle GETSOCKNAME = link("getsockname", 3);
    private static final MethodHandle SEND = link("send", 4);
    private static final MethodHandle RECV = link("recv", 4);
    private static final MethodHandle RECVMMSG = link("recvmmsg", 5);
    private static final MethodHandle SENDMMSG = link("sendmmsg", 4);
    private static final MethodHandle SETSOCKOPT = link("setsockopt", 5);
    private static final MethodHandle GETSOCKOPT = link("getsockopt", 5);
    private static final MethodHandle EPOLL_CREATE = link("epoll_create1", 1);
    private static final MethodHandle EPOLL_CTL = link("epoll_ctl", 4);
    private static final MethodHandle EPOLL_WAIT = link("epoll_wait", 4);
    private static final MethodHandle MMAP = link("mmap", 6);
    private static final MethodHandle MUNMAP = link("munmap", 2);
    private static final MethodHandle MADVISE = link("madvise", 3);
    private static final MethodHandle SETNS = link("setns", 2);
    private static final MethodHandle UNSHARE = link("unshare", 1);
    private static final MethodHandle SCHED_GETAFFINITY = link("sched_getaffinity", 3);
    private static final MethodHandle SCHED_SETAFFINITY = link("sched_setaffinity", 3);
    /** For calls that the C library does not wrap. */
    private static final MethodHandle SYSCALL =
            downcall("syscall", 5, CAPTURE_ERRNO, Linker.Option.firstVariadicArg(1));

    private static final boolean IS_AMD64 = System.getProperty("os.arch").equals("amd64");
    private static final long SYS_SCHED_SETATTR = IS_AMD64 ? 314 : 274;
    private static final long SYS_SCHED_GETATTR = IS_AMD64 ? 315 : 275;
    private static final long SYS_BPF = IS_AMD64 ? 321 : 280;

    private static final MethodHandle SETPRIORITY = link("setpriority", 3);

    static {
        String system = System.getProperty("os.name") + " " + System.getProperty("os.arch");
        if (!List.of("Linux amd64", "Linux aarch64").contains(system)
                || ByteOrder.nativeOrder() != ByteOrder.LITTLE_ENDIAN) {
            throw new UnsupportedOperationException(
                    "the system calls' layouts are those of Linux amd64 and aarch64; this is " + system);
        }
    }

    private Syscalls() {}

    /** Anonymous memory of this process alone: its address, or {@code -errno}. */
    static long mmap(long length, int protection, int flags) {
        return mmap(length, protection, flags, -1);
    }

    /** What a descriptor stands for, from its beginning: its address, or {@code -errno}. */
    static long mmap(long length, int protection, int flags, int fd) {
        try {
            MemorySegment errno = ERRNO.get();
            long address = (long) MMAP.invokeExact(errno, 0L, length, (long) protection, (long) flags, (long) fd, 0L);
            return address == -1 ? -errno.get(JAVA_INT, ERRNO_OFFSET) : address;
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    static int munmap(long address, long length) {
        try {
            MemorySegment errno = ERRNO.get();
            return result((long) MUNMAP.invokeExact(errno, address, length), errno);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    static int madvise(long address, long length, int advice) {
        try {
            MemorySegment errno = ERRNO.get();
            return result((long) MADVISE.invokeExact(errno, address, length, (long) advice), errno);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** {@code path} is the address of a zero-terminated string. */
    public static int open(long path, int flags) {
        try {
            MemorySegment errno = ERRNO.get();
            return result((long) OPEN.invokeExact(errno, path, (long) flags, 0L), errno);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** {@code path} is the address of a zero-terminated string. */
    public static int chmod(long path, int mode) {
        try {
            MemorySegment errno = ERRNO.get();
            return result((long) CHMOD.invokeExact(errno, path, (long) mode), errno);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** {@code path} is the address of a zero-terminated string. */
    public static int unlink(long path) {
        try {
            MemorySegment errno = ERRNO.get();
            return result((long) UNLINK.invokeExact(errno, path), errno);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** {@code argument} is a value or an address, whichever the request wants. */
    public static int ioctl(int fd, long request, long argument) {
        try {
            MemorySegment errno = ERRNO.get();
            return result((long) IOCTL.invokeExact(errno, (long) fd, request, argument), errno);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** As {@code close(2)}. */
    public static int close(int fd) {
        try {
            MemorySegment errno = ERRNO.get();
            return result((long) CLOSE.invokeExact(errno, (long) fd), errno);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** As {@code read(2)}. */
    public static int read(int fd, long address, long length) {
        try {
            MemorySegment errno = ERRNO.get();
            return result((long) READ.invokeExact(errno, (long) fd, address, length), errno);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** As {@code writev(2)}. */
    public static int writev(int fd, long iovecs, int count) {
        try {
            MemorySegment errno = ERRNO.get();
            return result((long) WRITEV.invokeExact(errno, (long) fd, iovecs, (long) count), errno);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** As {@code socket(2)}. */
    public static int socket(int family, int type, int protocol) {
        try {
            MemorySegment errno = ERRNO.get();
            return result((long) SOCKET.invokeExact(errno, (long) family, (long) type, (long) protocol), errno);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** As {@code bind(2)}. */
    public static int bind(int fd, long address, int length) {
        try {
            MemorySegment errno = ERRNO.get();
            return result((long) BIND.invokeExact(errno, (long) fd, address, (long) length), errno);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** As {@code connect(2)}. */
    public static int connect(int fd, long address, int length) {
        try {
            MemorySegment errno = ERRNO.get();
            return result((long) CONNECT.invokeExact(errno, (long) fd, address, (long) length), errno);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** As {@code getsockname(2)}. */
    public static int getsockname(int fd, long address, long length) {
        try {
            MemorySegment errno = ERRNO.get();
            return result((long) GETSOCKNAME.invokeExact(errno, (long) fd, address, length), errno);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** As {@code send(2)}. */
    public static int send(int fd, long address, long length, int flags) {
        try {
            MemorySegment errno = ERRNO.get();
            return result((long) SEND.invokeExact(errno, (long) fd, address, length, (long) flags), errno);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** As {@code recv(2)}. */
    public static int recv(int fd, long address, long length, int flags) {
        try {
            MemorySegment errno = ERRNO.get();
            return result((long) RECV.invokeExact(errno, (long) fd, address, length, (long) flags), errno);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** Without a timeout. */
    public static int recvmmsg(int fd, long messages, int count, int flags) {
        try {
            MemorySegment errno = ERRNO.get();
            return result(
                    (long) RECVMMSG.invokeExact(errno, (long) fd, messages, (long) count, (long) flags, 0L), errno);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** As {@code sendmmsg(2)}. */
    public static int sendmmsg(int fd, long messages, int count, int flags) {
        try {
            MemorySegment errno = ERRNO.get();
            return result((long) SENDMMSG.invokeExact(errno, (long) fd, messages, (long) count, (long) flags), errno);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** As {@code setsockopt(2)}. */
    public static int setsockopt(int fd, int level, int option, long value, int length) {
        try {
            MemorySegment errno = ERRNO.get();
            return result(
                    (long) SETSOCKOPT.invokeExact(errno, (long) fd, (long) level, (long) option, value, (long) length),
                    errno);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** As {@code getsockopt(2)}. */
    public static int getsockopt(int fd, int level, int option, long value, long length) {
        try {
            MemorySegment errno = ERRNO.get();
            return result(
                    (long) GETSOCKOPT.invokeExact(errno, (long) fd, (long) level, (long) option, value, length), errno);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    static int epollCreate(int flags) {
        try {
            MemorySegment errno = ERRNO.get();
            return result((long) EPOLL_CREATE.invokeExact(errno, (long) flags), errno);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    static int epollControl(int fd, int operation, int descriptor, long event) {
        try {
            MemorySegment errno = ERRNO.get();
            return result(
                    (long) EPOLL_CTL.invokeExact(errno, (long) fd, (long) operation, (long) descriptor, event), errno);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    static int epollWait(int fd, long events, int count, int milliseconds) {
        try {
            MemorySegment errno = ERRNO.get();
            return result(
                    (long) EPOLL_WAIT.invokeExact(errno, (long) fd, events, (long) count, (long) milliseconds), errno);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** As {@code setns(2)}. */
    public static int setns(int fd, int type) {
        try {
            MemorySegment errno = ERRNO.get();
            return result((long) SETNS.invokeExact(errno, (long) fd, (long) type), errno);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** As {@code unshare(2)}. */
    public static int unshare(int flags) {
        try {
            MemorySegment errno = ERRNO.get();
            return result((long) UNSHARE.invokeExact(errno, (long) flags), errno);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** {@code thread} 0 is the calling thread. */
    static int schedGetaffinity(int thread, long length, long mask) {
        try {
            MemorySegment errno = ERRNO.get();
            return result((long) SCHED_GETAFFINITY.invokeExact(errno, (long) thread, length, mask), errno);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** {@code thread} 0 is the calling thread. */
    static int schedSetaffinity(int thread, long length, long mask) {
        try {
            MemorySegment errno = ERRNO.get();
            return result((long) SCHED_SETAFFINITY.invokeExact(errno, (long) thread, length, mask), errno);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** {@code who} 0 is the calling thread. */
    static int setpriority(int which, int who, int value) {
        try {
            MemorySegment errno = ERRNO.get();
            return result((long) SETPRIORITY.invokeExact(errno, (long) which, (long) who, (long) value), errno);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** {@code thread} 0 is the calling thread; {@code attributes} is the address of a {@code struct sched_attr}. */
    static int schedSetattr(int thread, long attributes) {
        return syscall(SYS_SCHED_SETATTR, thread, attributes, 0, 0);
    }

    /** {@code thread} 0 is the calling thread; {@code attributes} is the address of {@code length} bytes. */
    static int schedGetattr(int thread, long attributes, int length) {
        return syscall(SYS_SCHED_GETATTR, thread, attributes, length, 0);
    }

    /** As {@code bpf(2)}; {@code attributes} is the address of {@code size} bytes of a {@code union bpf_attr}. */
    public static int bpf(int command, long attributes, int size) {
        return syscall(SYS_BPF, command, attributes, size, 0);
    }

    private static int syscall(long number, long a, long b, long c, long d) {
        try {
            MemorySegment errno = ERRNO.get();
            return result((long) SYSCALL.invokeExact(errno, number, a, b, c, d), errno);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    private static int result(long register, MemorySegment errno) {
        int result = (int) register; // a C int leaves the upper half undefined
        return result >= 0 ? result : -errno.get(JAVA_INT, ERRNO_OFFSET);
    }

    private static AssertionError impossible(Throwable e) {
        return new AssertionError("a downcall threw", e);
    }

    private static MethodHandle link(String name, int arguments) {
        return downcall(name, arguments, CAPTURE_ERRNO);
    }

    /** For the C functions whose arguments from the third on are variadic. */
    private static MethodHandle variadic(String name, int arguments) {
        return downcall(name, arguments, CAPTURE_ERRNO, Linker.Option.firstVariadicArg(2));
    }

    /**
     * Every argument and result is a register of 64 bits, of which a C function reads and writes the lower half where it
     * has an int. So there are as few shapes of calls as numbers of arguments, and the JVM, which generates code for each
     * shape when the program starts, has little to do.
     */
    @SuppressWarnings("restricted")
    private static MethodHandle downcall(String name, int arguments, Linker.Option... options) {
        MemoryLayout[] registers = new MemoryLayout[arguments];
        Arrays.fill(registers, JAVA_LONG);
        return LINKER.downcallHandle(
                LINKER.defaultLookup().findOrThrow(name), FunctionDescriptor.of(JAVA_LONG, registers), options);
    }
}
