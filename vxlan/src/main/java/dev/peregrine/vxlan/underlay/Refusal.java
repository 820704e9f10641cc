package dev.peregrine.vxlan.underlay;

import dev.peregrine.dataplane.linux.Errno;
import dev.peregrine.dataplane.linux.UdpAddress;

/** Why the kernel refused to send a datagram. */
public record Refusal(int errno, UdpAddress destination) {
    /** As in {@code ENETUNREACH (network is unreachable) to 198.18.0.1:4789}. */
    @Override
    public String toString() {
        return Errno.name(errno) + " (" + Errno.text(errno) + ") to " + destination;
    }
}
