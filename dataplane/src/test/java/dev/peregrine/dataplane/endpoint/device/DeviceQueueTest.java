package dev.peregrine.dataplane.endpoint.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.linux.socket.IoVector;
import dev.peregrine.dataplane.linux.sys.Errno;
import org.junit.jupiter.api.Test;

class DeviceQueueTest {
    private static final int ENOUGH = 64;

    private final DeviceQueue queue = new DeviceQueue() {
        @Override
        int fd() {
            return -1;
        }

        @Override
        int headerLength() {
            return 0;
        }

        @Override
        int write(IoVector frame) {
            return 0;
        }

        @Override
        boolean ends(int result) {
            return false;
        }
    };

    private void read(int result, int times) {
        for (int i = 0; i < times; i++) {
            assertEquals(result, queue.noteRead(result));
        }
    }

    @Test
    void deviceThatOnlyFailsToBeReadHasEnded() {
        read(-Errno.EIO, ENOUGH - 1);
        assertFalse(queue.isGone());
        read(-Errno.EIO, 1);
        assertTrue(queue.isGone());
        assertEquals(Errno.EIO, queue.lastErrno());
    }

    @Test
    void failuresWithReadsBetweenThemAreNoEnd() {
        for (int i = 0; i < ENOUGH; i++) {
            read(-Errno.EIO, ENOUGH - 1);
            read(i % 2 == 0 ? 100 : -Errno.EAGAIN, 1);
        }
        assertFalse(queue.isGone());
    }

    @Test
    void framesThatCannotBeDescribedAreNoEnd() {
        read(-Errno.EINVAL, 10 * ENOUGH);
        assertFalse(queue.isGone());
        assertEquals(Errno.EINVAL, queue.lastErrno());
    }
}
