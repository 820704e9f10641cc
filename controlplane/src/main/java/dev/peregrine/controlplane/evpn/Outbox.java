package dev.peregrine.controlplane.evpn;

import dev.peregrine.controlplane.Claim;
import dev.peregrine.controlplane.Feed;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The changes of a picture of routes, on their way to the feed: new claims at once, and those that vanished only when
 * it has been seen that the sessions by which they came still stand. Closed, it passes nothing on.
 */
public final class Outbox implements KernelPicture.Output {
    private final Feed feed;
    private final LocalDoubt doubt;
    private final Set<Claim.Key> pending = new LinkedHashSet<>();
    private final Set<Claim.Key> asked = new LinkedHashSet<>();
    private boolean isOpen;
    private long vanished;

    /** Is told of entries of ours that were changed by others. */
    public interface LocalDoubt {
        void doubt(int vni, long mac);
    }

    /** A closed one, which passes on to a feed. */
    public Outbox(Feed feed, LocalDoubt doubt) {
        this.feed = feed;
        this.doubt = doubt;
    }

    /** From now on passes changes on. */
    public void open() {
        isOpen = true;
        drop();
    }

    /** From now on passes nothing on; what is pending is dropped. */
    public void close() {
        isOpen = false;
        drop();
    }

    private void drop() {
        pending.clear();
        asked.clear();
    }

    /** The VNIs of what vanished before {@link #asking}. */
    Set<Integer> askedVnis() {
        Set<Integer> vnis = new HashSet<>();
        for (Claim.Key key : asked) {
            switch (key) {
                case Claim.StationKey station -> vnis.add(station.vni());
                case Claim.MemberKey member -> vnis.add(member.vni());
                case Claim.VtepKey vtep -> {} // goes with the last of what it had
            }
        }
        return vnis;
    }

    /** A claim that vanishes later waits for another question. */
    private void forget(Claim.Key key) {
        pending.remove(key);
        asked.remove(key);
    }

    /** Whether something vanished that the feed does not know of. */
    public boolean isPending() {
        return !pending.isEmpty();
    }

    /** How much has vanished altogether. */
    public long vanished() {
        return vanished;
    }

    /** The sessions are being asked for now. */
    public void asking() {
        asked.clear();
        asked.addAll(pending);
    }

    /** The sessions stood at a time after {@link #asking}. */
    public void confirm() {
        for (Claim.Key key : asked) {
            pending.remove(key);
            feed.withdraw(key);
        }
        asked.clear();
    }

    @Override
    public void claim(Claim claim) {
        forget(claim.key());
        if (isOpen) {
            feed.claim(claim);
        }
    }

    @Override
    public void replaced(Claim.Key key) {
        forget(key);
        if (isOpen) {
            feed.withdraw(key);
        }
    }

    @Override
    public void vanished(Claim.Key key) {
        vanished++;
        if (isOpen) {
            pending.add(key);
        }
    }

    @Override
    public void localChanged(int vni, long mac) {
        doubt.doubt(vni, mac);
    }

    @Override
    public void malformed(Claim.@Nullable Key key, String what) {
        if (isOpen) {
            feed.malformed(key, what);
        }
    }
}
