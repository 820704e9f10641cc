package dev.peregrine.dataplane.endpoint.device;

import dev.peregrine.dataplane.linux.socket.IoVector;
import dev.peregrine.dataplane.linux.sys.Errno;

/**
 * A queue of a device that takes frames behind a virtio header, and whether the device is still there. Written by one
 * thread; any thread may read its state.
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

    /** Whether a lasting failure means that the device has ended. */
    abstract boolean ends(int result);

    /** Whether the device has ended. */
    final boolean isGone() {
        return gone;
    }

    /** The errno of the last failure other than a lack of room or frames; 0 before the first. */
    final int lastErrno() {
        return lastErrno;
    }

    /** Records a failure; returns it. */
    final int note(int result) {
        if (result < 0 && !Errno.isPassing(result)) {
            lastErrno = -result;
            gone |= ends(result);
        }
        return result;
    }

    /**
     * As {@link #note}, of reading. A device all of whose reads fail counts as ended, so that no worker polls it for
     * ever and its port is opened again. {@code -EINVAL} removes a frame that no virtio header describes, so it is not
     * such a failure.
     */
    final int noteRead(int result) {
        if (result >= 0 || Errno.isPassing(result) || result == -Errno.EINVAL) {
            failedReads = 0;
        } else {
            failedReads++;
            gone |= failedReads >= FAILED_READS;
        }
        return note(result);
    }
}
