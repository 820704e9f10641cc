package dev.peregrine.dataplane.linux.sys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ErrnoTest {
    @Test
    void namesEitherSign() {
        assertEquals("EACCES", Errno.name(13));
        assertEquals("EBADFD", Errno.name(-Errno.EBADFD));
        assertEquals("EHOSTUNREACH", Errno.name(Errno.EHOSTUNREACH));
        assertEquals("permission denied", Errno.text(-13));
    }

    @Test
    void givesTheNumberOfUnknownErrors() {
        assertEquals("errno 4711", Errno.name(-4711));
        assertEquals("errno 41", Errno.name(41));
        assertEquals("unknown error", Errno.text(4711));
    }

    @Test
    void exceptionSaysCallSubjectErrnoAndRemedy() {
        LinuxException e = new LinuxException("open", "/dev/net/tun", -13);
        assertEquals(
                "open(/dev/net/tun): EACCES (permission denied): run as root or with CAP_NET_ADMIN", e.getMessage());
        assertEquals(Errno.EACCES, e.errno());
    }

    @Test
    void aCallThatWantsACapabilitySaysSoWhereThatIsTheCause() {
        assertEquals(
                "socket(AF_PACKET): EPERM (operation not permitted): run as root or with CAP_NET_RAW",
                LinuxException.wanting("CAP_NET_RAW", "socket", "AF_PACKET", -Errno.EPERM)
                        .getMessage());
        String filtered = LinuxException.wanting("CAP_NET_RAW", "socket", "AF_PACKET", -Errno.EAFNOSUPPORT)
                .getMessage();
        assertTrue(filtered.contains("RestrictAddressFamilies="), filtered);
    }
}
