package dev.peregrine.dataplane.endpoint.device;

import dev.peregrine.dataplane.linux.socket.IoVector;
import dev.peregrine.dataplane.linux.sys.Errno;
import dev.peregrine.dataplane.linux.tun.Tap;

/** One queue of a TAP device. Open for tests to stand for devices that fail. */
class TapQueue extends DeviceQueue {
    private final Tap tap;
    private final int queue;

    TapQueue(Tap tap, int queue) {
        this.tap = tap;
        this.queue = queue;
    }

    @Override
    final int fd() {
        return tap.fd(queue);
    }

    @Override
    final int headerLength() {
        return VirtioNetHeader.LENGTH;
    }

    /** As {@link Tap#read}. */
    int read(long address, int length) {
        return noteRead(tap.read(queue, address, length));
    }

    /** As {@link Tap#writev}. */
    @Override
    int write(IoVector frame) {
        return note(tap.writev(queue, frame.address(), frame.size()));
    }

    @Override
    final boolean ends(int result) {
        return result == -Errno.EBADFD || result == -Errno.ENODEV || result == -Errno.EBADF;
    }
}
