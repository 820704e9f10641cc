package dev.peregrine.dataplane.endpoint;

import dev.peregrine.dataplane.linux.Errno;
import dev.peregrine.dataplane.linux.IoVector;
import dev.peregrine.dataplane.linux.Tap;

/**
 * One queue of a TAP device, and whether it is still there. Read and written by one thread; any thread may ask what
 * became of it. Open for tests to stand for devices that fail.
 */
class TapQueue {
    private final Tap tap;
    private final int queue;
    private volatile boolean gone;
    private volatile int lastErrno;

    TapQueue(Tap tap, int queue) {
        this.tap = tap;
        this.queue = queue;
    }

    final int fd() {
        return tap.fd(queue);
    }

    /** Whether the device has ended. */
    final boolean isGone() {
        return gone;
    }

    /** Of the last failure that was not for want of room or frames; 0 before the first. */
    final int lastErrno() {
        return lastErrno;
    }

    /** As {@link Tap#read}. */
    int read(long address, int length) {
        return note(tap.read(queue, address, length));
    }

    /** As {@link Tap#writev}. */
    int write(IoVector frame) {
        return note(tap.writev(queue, frame.address(), frame.size()));
    }

    /** Remembers what a failure says about the device; returns it. */
    final int note(int result) {
        if (result < 0 && !isPassing(result)) {
            lastErrno = -result;
            gone |= result == -Errno.EBADFD || result == -Errno.ENODEV || result == -Errno.EBADF;
        }
        return result;
    }

    /** Whether a failure only says that there is no room, or no frame, now. */
    static boolean isPassing(int result) {
        return result == -Errno.EAGAIN || result == -Errno.ENOBUFS || result == -Errno.ENOMEM || result == -Errno.EINTR;
    }
}
