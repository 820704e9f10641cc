package dev.peregrine.gateway.observe.tap;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Numbers for the places in a graph: stages by address, terminals by name. Any thread may ask. */
public final class Places {
    private final List<String> names = new CopyOnWriteArrayList<>();

    /** The number of a place, from 0; the same whenever it is asked. */
    public synchronized int number(String name) {
        int known = names.indexOf(name);
        if (known >= 0) {
            return known;
        }
        names.add(name);
        return names.size() - 1;
    }

    /** The place with a number. */
    public String name(int number) {
        return names.get(number);
    }
}
