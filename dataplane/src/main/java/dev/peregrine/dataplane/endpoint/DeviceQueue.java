package dev.peregrine.dataplane.endpoint;

import dev.peregrine.dataplane.linux.Errno;
import dev.peregrine.dataplane.linux.IoVector;

/**
 * A queue of a device that takes frames behind a virtio header, and whether the device is still there. Written by one
 * thread; any thread may ask what became of it.
 */
abstract class DeviceQueue {
    /** Reads in a row that fail, after which a device is taken for ended: it stays readable, but gives nothing. */
    private static final int FAILED_READS = 64;

    private int failedReads;
    private volatile boolean gone;
    private volatile int lastErrno;

    /** Becomes readable when frames wait. */
    abstract int fd();

    /** Bytes of the virtio header before each frame. */
    abstract int headerLength();

    /** Writes one frame behind its header; returns bytes, or {@code -errno}, which it has noted. */
    abstract int write(IoVector frame);

    /** Whether a failure, which is no passing one, says that the device has ended. */
    abstract boolean ends(int result);

    /** Whether the device has ended. */
    final boolean isGone() {
        return gone;
    }

    /** Of the last failure that was not for want of room or frames; 0 before the first. */
    final int lastErrno() {
        return lastErrno;
    }

    /** Remembers what a failure says about the device; returns it. */
    final int note(int result) {
        if (result < 0 && !isPassing(result)) {
            lastErrno = -result;
            gone |= ends(result);
        }
        return result;
    }

    /**
     * As {@link #note}, of reading. A device all of whose reads fail counts as ended, so that nobody polls it for ever
     * and its port is opened anew. {@code -EINVAL} takes a frame away that no virtio header describes, so it is no such
     * failure.
     */
    final int noteRead(int result) {
        if (result >= 0 || isPassing(result) || result == -Errno.EINVAL) {
            failedReads = 0;
        } else {
            failedReads++;
            gone |= failedReads >= FAILED_READS;
        }
        return note(result);
    }

    /** Whether a failure only says that there is no room, or no frame, now. */
    static boolean isPassing(int result) {
        return result == -Errno.EAGAIN || result == -Errno.ENOBUFS || result == -Errno.ENOMEM || result == -Errno.EINTR;
    }
}
