package dev.peregrine.dataplane.linux.netlink;

import dev.peregrine.dataplane.linux.sys.LinuxException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Set;

/** The kernel's tables of neighbours, of ARP and neighbour discovery. */
public final class Neighbours {
    private static final int RTM_GETNEIGH = 30;

    /** {@code ndmsg}: 0 family, 4 index, 8 state (u16), 10 flags, 11 type. */
    private static final int NDMSG_SIZE = 12;

    private static final int STATE = 8;
    private static final int NDA_DST = 1;
    private static final int NUD_INCOMPLETE = 0x01;
    private static final int NUD_FAILED = 0x20;

    private Neighbours() {}

    /** The addresses in the calling thread's network namespace that were asked for and that nobody has answered for. */
    public static Set<InetAddress> unanswered() throws LinuxException {
        Set<InetAddress> found = new HashSet<>();
        try (NetlinkSocket socket = NetlinkSocket.open()) {
            NetlinkRequest request = NetlinkRequest.general(RTM_GETNEIGH, NetlinkRequest.DUMP);
            socket.exchange(request, "list neighbours", "all", answer -> {
                boolean isUnanswered = (answer.getShort(STATE) & (NUD_INCOMPLETE | NUD_FAILED)) != 0;
                ByteBuffer address =
                        NetlinkSocket.attributes(answer.position(NDMSG_SIZE)).get(NDA_DST);
                if (isUnanswered && address != null) {
                    found.add(Interfaces.address(address));
                }
            });
        }
        return found;
    }
}
