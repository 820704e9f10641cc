package dev.peregrine.controlplane.evpn;

import dev.peregrine.dataplane.linux.netlink.bridge.NeighbourEntry;
import dev.peregrine.dataplane.linux.netlink.bridge.NeighbourListener;
import dev.peregrine.dataplane.linux.netlink.bridge.NeighbourListener.Reading;
import dev.peregrine.dataplane.linux.netlink.bridge.NeighbourSocket;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * Feeds a picture with the kernel's entries: all of them, and then each change. In the network namespace of the thread
 * that opened it, and for that thread alone.
 */
final class KernelEntries implements AutoCloseable {
    /** The kernel doubles it: room for some 100,000 messages that are not read yet, used only where they wait. */
    private static final int QUEUE_BYTES = 64 << 20;

    /** The messages that are read before others get their turn. */
    private static final int MAX_AT_ONCE = 2000;

    /** A list in which something was missed, because others went meanwhile, is made again. */
    private static final int MAX_LISTS = 5;

    private final KernelPicture picture;
    private final IntConsumer linkGone;
    private final NeighbourListener listener;
    private final NeighbourSocket socket;
    private long changes;

    private KernelEntries(
            KernelPicture picture, IntConsumer linkGone, NeighbourListener listener, NeighbourSocket socket) {
        this.picture = picture;
        this.linkGone = linkGone;
        this.listener = listener;
        this.socket = socket;
    }

    /**
     * Opens it.
     *
     * @param linkGone is told the numbers of interfaces that have gone
     */
    static KernelEntries open(KernelPicture picture, IntConsumer linkGone) throws LinuxException {
        NeighbourListener listener = NeighbourListener.open(QUEUE_BYTES);
        try {
            return new KernelEntries(picture, linkGone, listener, NeighbourSocket.open());
        } catch (LinuxException e) {
            listener.close();
            throw e;
        }
    }

    /** Readable when there are changes. */
    int fd() {
        return listener.fd();
    }

    NeighbourSocket socket() {
        return socket;
    }

    /** How many changes of the picture's devices were read. */
    long changes() {
        return changes;
    }

    /** Takes over changes that wait; where some were lost, only {@link #reload} helps. */
    Reading read() throws LinuxException {
        return listener.read(MAX_AT_ONCE, new NeighbourListener.Changes() {
            @Override
            public void entry(NeighbourEntry entry) {
                if (picture.vniOf(entry.index()) >= 0) {
                    changes++;
                    picture.entry(entry);
                }
            }

            @Override
            public void linkGone(int index) {
                linkGone.accept(index);
            }
        });
    }

    /**
     * Builds the picture again. The kernel lists forwarding entries by their places, in pieces: where an entry goes
     * between two pieces, another one may be left out. So the list is made again until none has gone meanwhile, and
     * changes that were heard since the first list have the last word.
     */
    void reload() throws LinuxException {
        List<NeighbourEntry> heard = new ArrayList<>();
        picture.clear();
        boolean isWhole = false;
        for (int lists = 0; lists < MAX_LISTS && !isWhole; lists++) {
            socket.forwarding(picture::entry);
            socket.neighbours(picture::entry);
            isWhole = hear(heard);
        }
        heard.forEach(picture::entry);
    }

    /** Reads all that waits; returns whether the last list needs no other one. */
    private boolean hear(List<NeighbourEntry> heard) throws LinuxException {
        int before = heard.size();
        boolean lost = false;
        Reading reading = Reading.MORE;
        while (reading != Reading.EMPTY) {
            reading = listener.read(MAX_AT_ONCE, new NeighbourListener.Changes() {
                @Override
                public void entry(NeighbourEntry entry) {
                    if (picture.vniOf(entry.index()) >= 0) {
                        heard.add(entry);
                    }
                }

                @Override
                public void linkGone(int index) {
                    linkGone.accept(index);
                }
            });
            if (reading == Reading.LOST) {
                lost = true;
            }
        }
        if (lost) {
            heard.clear();
            picture.clear();
            return false;
        }
        return heard.stream().skip(before).noneMatch(NeighbourEntry::removed);
    }

    @Override
    public void close() {
        listener.close();
        socket.close();
    }
}
