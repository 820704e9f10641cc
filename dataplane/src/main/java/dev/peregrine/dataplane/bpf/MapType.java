package dev.peregrine.dataplane.bpf;

/** Kinds of {@link BpfMap}. */
public enum MapType {
    /** Any key; holds as many entries as it is made for, and refuses more. */
    HASH(1),
    /** The key is a number of 4 bytes below the capacity; every entry is there from the start, zero. */
    ARRAY(2),
    /** As {@link #ARRAY}, with a value for each CPU: a program sees its own CPU's. */
    PERCPU_ARRAY(6),
    /** As {@link #HASH}, but an old entry makes room for a new one. */
    LRU_HASH(9),
    /** As {@link #ARRAY}, of maps: a change of an entry waits until no program still uses what was there before. */
    ARRAY_OF_MAPS(12);

    final int number;

    MapType(int number) {
        this.number = number;
    }
}
