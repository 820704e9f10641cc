package dev.peregrine.dataplane.endpoint.device;

import dev.peregrine.dataplane.linux.socket.FrameVector;
import dev.peregrine.dataplane.linux.socket.IoVector;
import dev.peregrine.dataplane.linux.socket.PacketSocket;
import dev.peregrine.dataplane.linux.sys.Errno;

/** The frames of an interface. One that is down refuses frames, but is not gone. */
final class InterfaceQueue extends DeviceQueue {
    private final PacketSocket socket;

    InterfaceQueue(PacketSocket socket) {
        this.socket = socket;
    }

    @Override
    int fd() {
        return socket.fd();
    }

    @Override
    int headerLength() {
        return PacketSocket.HEADER_SIZE;
    }

    /** As {@link FrameVector#receive}. */
    int receive(FrameVector frames, int count) {
        return noteRead(frames.receive(socket, count));
    }

    /** As {@link PacketSocket#writev}. */
    @Override
    int write(IoVector frame) {
        return note(socket.writev(frame.address(), frame.size()));
    }

    /** Going down and going away are announced alike. */
    @Override
    boolean ends(int result) {
        return result == -Errno.EBADF
                || ((result == -Errno.ENXIO || result == -Errno.ENETDOWN || result == -Errno.ENODEV)
                        && socket.isGone());
    }
}
