package dev.peregrine.gateway.port;

import dev.peregrine.dataplane.device.port.Port;
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

    /** Lets another port have the number of one that has gone. */
    public void freeNumber(int number) {
        slots.free(number);
    }

    /** Adds ports, which have taken their numbers. */
    public void add(List<LocalPort> coming) {
        coming.forEach(port -> byNumber.set(port.port().id(), port));
        ports.addAll(coming);
    }

    /** Removes ports; their numbers stay taken until {@link #freeNumber}. */
    public void remove(List<LocalPort> gone) {
        ports.removeAll(gone);
        gone.forEach(port -> byNumber.set(port.port().id(), null));
    }

    /** All of them: a view, which follows. */
    public List<LocalPort> list() {
        return Collections.unmodifiableList(ports);
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

    /** What the devices see of the ports, in the order of their numbers. */
    public List<Port> devicePorts() {
        return ports.stream()
                .map(LocalPort::port)
                .sorted(Comparator.comparingInt(Port::id))
                .toList();
    }
}
