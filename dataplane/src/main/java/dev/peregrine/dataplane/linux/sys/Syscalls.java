package dev.peregrine.dataplane.linux.sys;

import static dev.peregrine.dataplane.linux.sys.Downcall.ERRNO;
import static dev.peregrine.dataplane.linux.sys.Downcall.ERRNO_OFFSET;
import static dev.peregrine.dataplane.linux.sys.Downcall.impossible;
import static dev.peregrine.dataplane.linux.sys.Downcall.link;
import static dev.peregrine.dataplane.linux.sys.Downcall.result;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.ByteOrder;
import java.util.List;

/**
 * The C library's system call wrappers; {@link ThreadCalls} has those that place a thread.
 *
 * <p>Every method returns the call's result, or {@code -errno} where C returns -1; none throws. Pointers are plain
 * addresses: the caller keeps the memory alive and in bounds.
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

    private static final MethodHandle OPEN = link("open");
    private static final MethodHandle CHMOD = link("chmod");
    private static final MethodHandle UNLINK = link("unlink");
    private static final MethodHandle IOCTL = link("ioctl");
    private static final MethodHandle CLOSE = link("close");
    private static final MethodHandle READ = link("read");
    private static final MethodHandle WRITEV = link("writev");
    private static final MethodHandle SOCKET = link("socket");
    private static final MethodHandle BIND = link("bind");
    private static final MethodHandle CONNECT = link("connect");
    private static final MethodHandle GETSOCKNAME = link("getsockname");
    private static final MethodHandle SEND = link("send");
    private static final MethodHandle RECV = link("recv");
    private static final MethodHandle RECVMMSG = link("recvmmsg");
    private static final MethodHandle SENDMMSG = link("sendmmsg");
    private static final MethodHandle SETSOCKOPT = link("setsockopt");
    private static final MethodHandle GETSOCKOPT = link("getsockopt");
    private static final MethodHandle EPOLL_CREATE = link("epoll_create1");
    private static final MethodHandle EPOLL_CTL = link("epoll_ctl");
    private static final MethodHandle EPOLL_WAIT = link("epoll_wait");
    private static final MethodHandle MMAP = link("mmap");
    private static final MethodHandle MUNMAP = link("munmap");
    private static final MethodHandle MADVISE = link("madvise");
    private static final MethodHandle SETNS = link("setns");
    private static final MethodHandle UNSHARE = link("unshare");
    /** For calls that the C library does not wrap. */
    private static final MethodHandle SYSCALL = link("syscall");

    /** Else it is aarch64, whose system calls have other numbers. */
    static final boolean IS_AMD64 = System.getProperty("os.arch").equals("amd64");

    private static final long SYS_BPF = IS_AMD64 ? 321 : 280;

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

    /** Maps the object behind a descriptor, from its beginning: its address, or {@code -errno}. */
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
            return result((long) MUNMAP.invokeExact(errno, address, length, 0L, 0L, 0L, 0L), errno);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    static int madvise(long address, long length, int advice) {
        try {
            MemorySegment errno = ERRNO.get();
            return result((long) MADVISE.invokeExact(errno, address, length, (long) advice, 0L, 0L, 0L), errno);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** {@code path} is the address of a zero-terminated string. */
    public static int open(long path, int flags) {
        try {
            MemorySegment errno = ERRNO.get();
            return result((long) OPEN.invokeExact(errno, path, (long) flags, 0L, 0L, 0L, 0L), errno);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** {@code path} is the address of a zero-terminated string. */
    public static int chmod(long path, int mode) {
        try {
            MemorySegment errno = ERRNO.get();
            return result((long) CHMOD.invokeExact(errno, path, (long) mode, 0L, 0L, 0L, 0L), errno);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** {@code path} is the address of a zero-terminated string. */
    public static int unlink(long path) {
        try {
            MemorySegment errno = ERRNO.get();
            return result((long) UNLINK.invokeExact(errno, path, 0L, 0L, 0L, 0L, 0L), errno);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** {@code argument} is a value or an address, whichever the request wants. */
    public static int ioctl(int fd, long request, long argument) {
        try {
            MemorySegment errno = ERRNO.get();
            return result((long) IOCTL.invokeExact(errno, (long) fd, request, argument, 0L, 0L, 0L), errno);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** As {@code close(2)}. */
    public static int close(int fd) {
        try {
            MemorySegment errno = ERRNO.get();
            return result((long) CLOSE.invokeExact(errno, (long) fd, 0L, 0L, 0L, 0L, 0L), errno);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** As {@code read(2)}. */
    public static int read(int fd, long address, long length) {
        try {
            MemorySegment errno = ERRNO.get();
            return result((long) READ.invokeExact(errno, (long) fd, address, length, 0L, 0L, 0L), errno);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** As {@code writev(2)}. */
    public static int writev(int fd, long iovecs, int count) {
        try {
            MemorySegment errno = ERRNO.get();
            return result((long) WRITEV.invokeExact(errno, (long) fd, iovecs, (long) count, 0L, 0L, 0L), errno);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** As {@code socket(2)}. */
    public static int socket(int family, int type, int protocol) {
        try {
            MemorySegment errno = ERRNO.get();
            return result(
                    (long) SOCKET.invokeExact(errno, (long) family, (long) type, (long) protocol, 0L, 0L, 0L), errno);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** As {@code bind(2)}. */
    public static int bind(int fd, long address, int length) {
        try {
            MemorySegment errno = ERRNO.get();
            return result((long) BIND.invokeExact(errno, (long) fd, address, (long) length, 0L, 0L, 0L), errno);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** As {@code connect(2)}. */
    public static int connect(int fd, long address, int length) {
        try {
            MemorySegment errno = ERRNO.get();
            return result((long) CONNECT.invokeExact(errno, (long) fd, address, (long) length, 0L, 0L, 0L), errno);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** As {@code getsockname(2)}. */
    public static int getsockname(int fd, long address, long length) {
        try {
            MemorySegment errno = ERRNO.get();
            return result((long) GETSOCKNAME.invokeExact(errno, (long) fd, address, length, 0L, 0L, 0L), errno);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** As {@code send(2)}. */
    public static int send(int fd, long address, long length, int flags) {
        try {
            MemorySegment errno = ERRNO.get();
            return result((long) SEND.invokeExact(errno, (long) fd, address, length, (long) flags, 0L, 0L), errno);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** As {@code recv(2)}. */
    public static int recv(int fd, long address, long length, int flags) {
        try {
            MemorySegment errno = ERRNO.get();
            return result((long) RECV.invokeExact(errno, (long) fd, address, length, (long) flags, 0L, 0L), errno);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** Without a timeout. */
    public static int recvmmsg(int fd, long messages, int count, int flags) {
        try {
            MemorySegment errno = ERRNO.get();
            return result(
                    (long) RECVMMSG.invokeExact(errno, (long) fd, messages, (long) count, (long) flags, 0L, 0L), errno);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** As {@code sendmmsg(2)}. */
    public static int sendmmsg(int fd, long messages, int count, int flags) {
        try {
            MemorySegment errno = ERRNO.get();
            return result(
                    (long) SENDMMSG.invokeExact(errno, (long) fd, messages, (long) count, (long) flags, 0L, 0L), errno);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** As {@code setsockopt(2)}. */
    public static int setsockopt(int fd, int level, int option, long value, int length) {
        try {
            MemorySegment errno = ERRNO.get();
            return result(
                    (long) SETSOCKOPT.invokeExact(
                            errno, (long) fd, (long) level, (long) option, value, (long) length, 0L),
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
                    (long) GETSOCKOPT.invokeExact(errno, (long) fd, (long) level, (long) option, value, length, 0L),
                    errno);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    static int epollCreate(int flags) {
        try {
            MemorySegment errno = ERRNO.get();
            return result((long) EPOLL_CREATE.invokeExact(errno, (long) flags, 0L, 0L, 0L, 0L, 0L), errno);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    static int epollControl(int fd, int operation, int descriptor, long event) {
        try {
            MemorySegment errno = ERRNO.get();
            return result(
                    (long) EPOLL_CTL.invokeExact(errno, (long) fd, (long) operation, (long) descriptor, event, 0L, 0L),
                    errno);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    static int epollWait(int fd, long events, int count, int milliseconds) {
        try {
            MemorySegment errno = ERRNO.get();
            return result(
                    (long) EPOLL_WAIT.invokeExact(errno, (long) fd, events, (long) count, (long) milliseconds, 0L, 0L),
                    errno);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** As {@code setns(2)}. */
    public static int setns(int fd, int type) {
        try {
            MemorySegment errno = ERRNO.get();
            return result((long) SETNS.invokeExact(errno, (long) fd, (long) type, 0L, 0L, 0L, 0L), errno);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** As {@code unshare(2)}. */
    public static int unshare(int flags) {
        try {
            MemorySegment errno = ERRNO.get();
            return result((long) UNSHARE.invokeExact(errno, (long) flags, 0L, 0L, 0L, 0L, 0L), errno);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** The system call of a number, which has at most four arguments. */
    static int syscall(long number, long a, long b, long c, long d) {
        try {
            MemorySegment errno = ERRNO.get();
            return result((long) SYSCALL.invokeExact(errno, number, a, b, c, d, 0L), errno);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** As {@code bpf(2)}; {@code attributes} is the address of {@code size} bytes of a {@code union bpf_attr}. */
    public static int bpf(int command, long attributes, int size) {
        return syscall(SYS_BPF, command, attributes, size, 0);
    }
}
