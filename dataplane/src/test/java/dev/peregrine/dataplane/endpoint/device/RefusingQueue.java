package dev.peregrine.dataplane.endpoint.device;

import dev.peregrine.dataplane.linux.socket.IoVector;
import dev.peregrine.dataplane.linux.sys.Errno;

/** A TAP queue that takes no superframes, as on a kernel whose segmentation is broken. */
final class RefusingQueue extends TapQueue {
    RefusingQueue(TapWorld world) {
        super(world.tap, 0);
    }

    @Override
    int write(IoVector frame) {
        return frame.length() > 2_000 ? note(-Errno.EINVAL) : super.write(frame);
    }
}
