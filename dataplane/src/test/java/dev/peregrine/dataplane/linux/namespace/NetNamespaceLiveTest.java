package dev.peregrine.dataplane.linux.namespace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.linux.sys.Errno;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.testing.live.Live;
import dev.peregrine.dataplane.testing.live.Namespace;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("live")
class NetNamespaceLiveTest {
    private static final NetNamespace OWN = NetNamespace.of("/proc/self/ns/net");

    @Test
    void runsActionsInTheNamespaceOnly() throws LinuxException {
        try (Namespace live = Live.namespace()) {
            NetNamespace.Identity before = NetNamespace.current().identity();
            NetNamespace.Identity inside =
                    live.netNamespace().call(() -> NetNamespace.current().identity());
            assertEquals(live.netNamespace().identity(), inside);
            assertNotEquals(before, inside);
            assertEquals(before, NetNamespace.current().identity());
            assertEquals(OWN.identity(), before);
        }
    }

    @Test
    void rethrowsWhatTheActionThrows() throws LinuxException {
        try (Namespace live = Live.namespace()) {
            LinuxException failure = new LinuxException("test", "subject", Errno.EIO);
            assertSame(
                    failure,
                    assertThrows(
                            LinuxException.class,
                            () -> live.netNamespace().call(() -> {
                                throw failure;
                            })));
            assertThrows(
                    IllegalStateException.class,
                    () -> live.netNamespace().call(() -> {
                        throw new IllegalStateException();
                    }));
        }
    }

    @Test
    void saysThatANamespaceIsMissing() {
        NetNamespace missing = NetNamespace.of("lnx-none");
        assertFalse(missing.exists());
        LinuxException e = assertThrows(LinuxException.class, () -> missing.call(() -> true));
        assertEquals(Errno.ENOENT, e.errno());
        assertTrue(e.getMessage().contains("ip netns add lnx-none"), e.getMessage());
        assertThrows(LinuxException.class, missing::identity);
    }

    @Test
    void existsUntilDeleted() {
        try (Namespace live = Live.namespace()) {
            assertTrue(live.netNamespace().exists());
            live.delete();
            assertFalse(live.netNamespace().exists());
        }
        assertTrue(OWN.exists());
        assertFalse(NetNamespace.of("/etc/hostname").exists(), "an ordinary file is no namespace");
    }

    @Test
    void locksOncePerNamespace() throws LinuxException {
        try (Namespace live = Live.namespace()) {
            try (AbstractSocketLock held = acquire(live.name())) {
                assertTrue(AbstractSocketLock.tryAcquire(live.name()).isEmpty(), () -> "held twice, beside " + held);
                live.netNamespace().call(() -> {
                    acquire(live.name()).close();
                    return true;
                });
            }
            acquire(live.name()).close();
        }
    }

    private static AbstractSocketLock acquire(String name) throws LinuxException {
        return AbstractSocketLock.tryAcquire(name).orElseThrow();
    }
}
