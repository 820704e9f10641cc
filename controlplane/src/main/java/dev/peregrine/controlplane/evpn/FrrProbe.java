package dev.peregrine.controlplane.evpn;

import dev.peregrine.controlplane.Examined;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Looks whether bgpd and zebra can be talked to, and how bgpd's EVPN sessions are. It changes nothing. */
public final class FrrProbe implements FrrDaemons.Watch {
    private static final long PAUSE_MILLIS = 10;

    private @Nullable Sessions sessions;
    private @Nullable String problem;
    private boolean isForbidden;

    private FrrProbe() {}

    /**
     * Looks now.
     *
     * @param folder of the sockets
     * @param limit after which bgpd is taken not to answer
     */
    public static Examined look(Path folder, Duration limit) throws InterruptedException {
        FrrProbe probe = new FrrProbe();
        long began = System.nanoTime();
        try (FrrDaemons daemons = new FrrDaemons(folder, System::nanoTime)) {
            while (!probe.isOver() && System.nanoTime() - began < limit.toNanos()) {
                daemons.poll(probe);
                if (!daemons.isAsking()) daemons.askSessions(probe);
                Thread.sleep(PAUSE_MILLIS);
            }
        }
        return probe.examined(limit);
    }

    private boolean isOver() {
        return sessions != null || problem != null;
    }

    private Examined examined(Duration limit) {
        List<Examined.Fault> faults = new ArrayList<>();
        if (sessions == null) {
            String what = problem == null ? "bgpd has not answered within " + limit.toMillis() + " ms" : problem;
            String cure = isForbidden
                    ? "usermod -aG frrvty USER, and start the gateway again"
                    : "bgpd=yes and zebra=yes in /etc/frr/daemons, systemctl restart frr";
            faults.add(new Examined.Fault(true, what, cure));
            return new Examined("", faults);
        }
        int up = sessions.established().size();
        if (sessions.peers() == 0) {
            faults.add(new Examined.Fault(
                    true, sessions.text(), "peregrine control frr prints a configuration with neighbors"));
        } else if (up < sessions.peers()) {
            faults.add(new Examined.Fault(
                    up == 0,
                    sessions.text(),
                    "vtysh -c 'show bgp l2vpn evpn summary' names those that are down; TCP port 179 has to be open"));
        }
        return new Examined(sessions.text(), faults);
    }

    @Override
    public void sessions(Sessions seen) {
        sessions = seen;
    }

    @Override
    public void complete(boolean complete) {
        // was not asked
    }

    @Override
    public void unreachable(boolean forbidden, String why) {
        isForbidden = forbidden;
        problem = why;
    }
}
