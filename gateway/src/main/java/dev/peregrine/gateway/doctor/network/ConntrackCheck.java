package dev.peregrine.gateway.doctor.network;

import dev.peregrine.gateway.doctor.check.Check;
import dev.peregrine.gateway.doctor.check.Finding;
import dev.peregrine.gateway.doctor.check.Subject;
import java.util.Optional;

/** Connection tracking of VXLAN datagrams. */
public final class ConntrackCheck implements Check {
    @Override
    public String name() {
        return "conntrack";
    }

    @Override
    public String about() {
        return "The kernel does not track VXLAN datagrams as connections: each source port of each VTEP would be one.";
    }

    private static final int MOST_BYTES = 16 << 20;

    @Override
    public Finding look(Subject subject) {
        int count = subject.files()
                .number("proc/sys/net/netfilter/nf_conntrack_count")
                .orElse(0);
        if (count == 0) return Finding.ok("nothing is tracked");
        int port = subject.udpPort();
        int most = subject.files()
                .number("proc/sys/net/netfilter/nf_conntrack_max")
                .orElse(0);
        Optional<String> table = subject.files().text("proc/thread-self/net/nf_conntrack", MOST_BYTES);
        String remedy = "nft 'table inet vxlan { chain in { type filter hook prerouting priority raw; udp dport " + port
                + " notrack; }; chain out { type filter hook output priority raw; udp dport " + port
                + " notrack; }; }'";
        if (table.isEmpty()) {
            return Finding.skip(
                    count + " connections are tracked, of " + most + " at most; VXLAN's perhaps",
                    "as root; or " + remedy);
        }
        long own = table.get()
                .lines()
                .filter(line -> line.contains(" udp ") && line.contains(" dport=" + port + " "))
                .count();
        return own == 0
                ? Finding.ok(count + " connections are tracked, none of VXLAN")
                : Finding.warn(
                        own + " of the " + count + " tracked connections are VXLAN's, of " + most
                                + " at most: new flows are dropped when it is full",
                        remedy);
    }
}
