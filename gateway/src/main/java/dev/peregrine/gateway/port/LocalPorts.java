package dev.peregrine.gateway.port;

import dev.peregrine.dataplane.device.port.Port;
import dev.peregrine.gateway.config.value.MacAddress;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The local ports that are configured now, in the order in which they came, with numbers that workers know them by. The
 * control thread writes; any thread may read.
 */
public final class LocalPorts {
    private final List<LocalPort> ports = new CopyOnWriteArrayList<>();
    private final List<LocalPort> present = new CopyOnWriteArrayList<>();
    private final AtomicReferenceArray<@Nullable LocalPort> byNumber;
    private final Slots slots;

    /** No ports; {@code bound} limits how many there can be at a time. */
    public LocalPorts(int bound) {
        slots = new Slots(bound);
        byNumber = new AtomicReferenceArray<>(bound);
    }

    /** The bound of the numbers. */
    public int bound() {
        return slots.bound();
    }

    /** Takes a number for a port that is to come. */
    public int takeNumber() {
        return slots.take();
    }

    /** Gives back a number that no port has come to have. */
    public void freeNumber(int number) {
        slots.free(number);
    }

    /** Adds a port, which has taken its number. */
    public void add(LocalPort coming) {
        byNumber.set(coming.port().id(), coming);
        present.add(coming);
        ports.add(coming);
    }

    /**
     * Removes ports from those that are configured; workers may still know them, and they are present until
     * {@link #remove}.
     */
    public void leave(List<LocalPort> going) {
        ports.removeAll(going);
    }

    /** Removes a port that workers know no longer, and lets another have its number. */
    public void remove(LocalPort gone) {
        ports.remove(gone);
        present.remove(gone);
        byNumber.set(gone.port().id(), null);
        freeNumber(gone.port().id());
    }

    /** All that are configured: a view, which follows. */
    public List<LocalPort> list() {
        return Collections.unmodifiableList(ports);
    }

    /** Those, and those that workers may still know, though they have left the configuration: a view, which follows. */
    public List<LocalPort> present() {
        return Collections.unmodifiableList(present);
    }

    /** The port with a number; null when there is none any more. */
    public @Nullable LocalPort byNumber(int number) {
        return byNumber.get(number);
    }

    /** The name of the port with a number; {@code (removed)} for one that is there no longer. */
    public String name(int number) {
        LocalPort port = byNumber(number);
        return port == null ? "(removed)" : port.port().name();
    }

    /** The port with a name; null when there is none. */
    public @Nullable LocalPort named(String name) {
        for (LocalPort port : ports) {
            if (port.port().name().equals(name)) {
                return port;
            }
        }
        return null;
    }

    /** The port of a segment that is up and has a MAC address as its own; null when there is none. */
    public @Nullable LocalPort owner(int segment, MacAddress mac) {
        for (LocalPort port : ports) {
            if (port.port().segment() == segment && port.owns(mac)) {
                return port;
            }
        }
        return null;
    }

    /** The configured ports as devices see them, in the order of their numbers. */
    public List<Port> devicePorts() {
        return ports.stream()
                .map(LocalPort::port)
                .sorted(Comparator.comparingInt(Port::id))
                .toList();
    }
}
