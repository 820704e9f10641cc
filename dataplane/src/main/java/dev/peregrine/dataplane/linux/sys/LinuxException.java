package dev.peregrine.dataplane.linux.sys;

import java.io.IOException;
import java.util.Objects;

/**
 * A system call that failed off the packet path, as in {@code open(/dev/net/tun): EACCES (permission denied): run as
 * root or with CAP_NET_ADMIN}. Checked, since its causes lie outside the program.
 */
public final class LinuxException extends IOException {
    private static final long serialVersionUID = 1L;

    private final int errno;

    /**
     * @param call the system call or rtnetlink operation
     * @param subject its object: a path, a device, an address
     * @param errno either sign
     * @param advice what to do about it, without a full stop
     */
    public LinuxException(String call, String subject, int errno, String advice) {
        super("%s(%s): %s (%s): %s".formatted(call, subject, Errno.name(errno), Errno.text(errno), advice));
        this.errno = Math.abs(errno);
    }

    /** With the advice that fits the error number whatever the call. */
    public LinuxException(String call, String subject, int errno) {
        this(call, subject, errno, advice(errno));
    }

    /**
     * Of a call that wants a capability, as {@code CAP_NET_RAW}: says so where the error number does, else what fits
     * that number.
     */
    public static LinuxException wanting(String capability, String call, String subject, int errno) {
        boolean refused = Math.abs(errno) == Errno.EPERM || Math.abs(errno) == Errno.EACCES;
        return new LinuxException(call, subject, errno, refused ? "run as root or with " + capability : advice(errno));
    }

    /** Of a call that takes no privilege: {@code EPERM} is from a list of system calls. */
    public static LinuxException unprivileged(String call, String subject, int errno) {
        boolean filtered = Math.abs(errno) == Errno.EPERM;
        return new LinuxException(call, subject, errno, advice(filtered ? Errno.ENOSYS : errno));
    }

    /** The positive error number; see {@link Errno}. */
    public int errno() {
        return errno;
    }

    /** Never null. */
    @Override
    public String getMessage() {
        return Objects.requireNonNull(super.getMessage());
    }

    /** Advice about an error number whatever the call, without a full stop; either sign. */
    public static String advice(int errno) {
        return switch (Math.abs(errno)) {
            case Errno.EPERM, Errno.EACCES -> "run as root or with CAP_NET_ADMIN";
            case Errno.EMFILE -> "raise the process's limit of open files (ulimit -n, LimitNOFILE=)";
            case Errno.ENFILE -> "raise the system's limit of open files (sysctl fs.file-max)";
            case Errno.ENOMEM, Errno.ENOBUFS -> "free memory, or raise the memory limit of the process's cgroup";
            case Errno.EADDRINUSE -> "another socket holds this address and port (ss -lunp): stop it or choose another";
            case Errno.EADDRNOTAVAIL -> "the address is on no interface here (ip address): add it or choose another";
            case Errno.EAFNOSUPPORT ->
                "this kernel lacks the address family (load its module, or use another), or a service manager keeps it"
                        + " out (RestrictAddressFamilies=)";
            case Errno.ENOSYS ->
                "this kernel is too old for it, or a list of system calls keeps it out (seccomp, SystemCallFilter=)";
            case Errno.ENODEV -> "there is no such device here (ip link): create it or correct its name";
            case Errno.ENOPROTOOPT, Errno.EOPNOTSUPP -> "this kernel is too old for it, or was built without it";
            default -> "see the manual page of the call";
        };
    }
}
