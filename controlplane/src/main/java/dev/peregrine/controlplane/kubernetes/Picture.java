package dev.peregrine.controlplane.kubernetes;

import dev.peregrine.controlplane.Claim;
import dev.peregrine.controlplane.Feed;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The objects of a list, kept up to date by the events after it. For the plane's thread. */
final class Picture {
    /** Objects that are heard at most: as many as a plane's stations and memberships may be, and more. */
    static final int MAX_OBJECTS = 1 << 18;

    /** Malformed objects of a list that are reported one by one. */
    private static final int MAX_COMPLAINTS = 1000;

    private final Dialect dialect;
    private final ClaimIndex index = new ClaimIndex();
    private final Map<String, ApiObject> own = new HashMap<>();
    private final List<Reading.Malformed> complaints = new ArrayList<>();
    private int unreported;

    Picture(Dialect dialect) {
        this.dialect = dialect;
    }

    /**
     * An object of a list.
     *
     * @param before what was known until now: of a malformed object it goes on to hold
     */
    void add(ApiObject object, Picture before) {
        if (isTooMany(object)) {
            complain(tooMany());
        } else if (dialect.isOwn(object)) {
            own.put(object.name(), object);
        } else {
            switch (dialect.read(object)) {
                case Reading.Claims said -> index.put(object.name(), said.claims());
                case Reading.Malformed malformed -> {
                    index.put(object.name(), before.index.of(object.name()));
                    complain(malformed);
                }
            }
        }
    }

    private boolean isTooMany(ApiObject object) {
        return index.objects() + own.size() >= MAX_OBJECTS
                && !index.contains(object.name())
                && !own.containsKey(object.name());
    }

    private static Reading.Malformed tooMany() {
        return new Reading.Malformed(null, "more than " + MAX_OBJECTS + " objects: the others are not heard");
    }

    private void complain(Reading.Malformed malformed) {
        if (complaints.size() < MAX_COMPLAINTS) {
            complaints.add(malformed);
        } else {
            unreported++;
        }
    }

    /** Reports all of it. */
    void report(Feed feed) {
        feed.begin();
        index.forEach(feed::claim);
        complaints.forEach(one -> feed.malformed(one.key(), one.what()));
        if (unreported > 0) feed.malformed(null, unreported + " more objects that cannot be read");
        complaints.clear();
        unreported = 0;
        feed.complete();
    }

    /** The objects of this gateway, by name. */
    Map<String, ApiObject> own() {
        return own;
    }

    /** Follows an event, and reports what it changes. */
    void apply(ApiStream.Event event, Feed feed, Publisher publisher) {
        ApiObject object = event.object();
        switch (event.kind()) {
            case BOOKMARK -> {}
            case DELETED -> {
                publisher.gone(object.name());
                tell(index.put(object.name(), List.of()), feed);
            }
            case ADDED, MODIFIED -> {
                if (isTooMany(object)) {
                    feed.malformed(null, tooMany().what());
                } else if (dialect.isOwn(object)) {
                    publisher.seen(object);
                    tell(index.put(object.name(), List.of()), feed);
                } else {
                    publisher.gone(object.name());
                    others(object, feed);
                }
            }
        }
    }

    private void others(ApiObject object, Feed feed) {
        switch (dialect.read(object)) {
            case Reading.Claims said -> tell(index.put(object.name(), said.claims()), feed);
            case Reading.Malformed malformed -> feed.malformed(malformed.key(), malformed.what());
        }
    }

    private void tell(Set<Claim.Key> keys, Feed feed) {
        for (Claim.Key key : keys) {
            Claim claim = index.get(key);
            if (claim == null) {
                feed.withdraw(key);
            } else {
                feed.claim(claim);
            }
        }
    }
}
