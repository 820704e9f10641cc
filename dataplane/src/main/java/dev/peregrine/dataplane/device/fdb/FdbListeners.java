package dev.peregrine.dataplane.device.fdb;

import java.util.function.IntConsumer;

/** Hear of changes of an {@link Fdb}: each is called on the writing thread and must not change the table. */
public final class FdbListeners {
    private MoveListener moves = (segment, mac, from, to) -> {};
    private EntryListener entries = new EntryListener() {
        @Override
        public void made(int segment, long mac, int port, Fdb.Kind kind) {}

        @Override
        public void gone(int segment, long mac) {}
    };
    private IntConsumer changes = segment -> {};

    /** Receives the MACs that showed up at another port. */
    @FunctionalInterface
    public interface MoveListener {
        /** The entry of a MAC, which led to port {@code from}, leads to port {@code to} now. */
        void moved(int segment, long mac, int from, int to);
    }

    /** Hears of entries that others than control planes make and remove. */
    public interface EntryListener {
        /** An entry was made, took the place of another, or moved to {@code port}. */
        void made(int segment, long mac, int port, Fdb.Kind kind);

        /** The entry of a MAC was removed. */
        void gone(int segment, long mac);
    }

    FdbListeners() {}

    /**
     * Sets the listener that receives a segment after a change in it that decisions by earlier look-ups may contradict:
     * an entry was moved, replaced, removed, or added by {@link Fdb#add}.
     *
     * <p>A new entry that was learned, or that a control plane gave and that may move, is no such change. Without it,
     * frames to its MAC were flooded, which is never remembered; frames from its MAC passed, as they do with it. A new
     * entry that binds its MAC is a change: frames from the MAC that come in elsewhere are dropped from now on.
     */
    public void onChange(IntConsumer listener) {
        changes = listener;
    }

    /** Sets the listener that is told of entries which are made and removed. */
    public void onEntry(EntryListener listener) {
        entries = listener;
    }

    /** Sets the listener that {@link Fdb#learn} calls for moves. */
    public void onMove(MoveListener listener) {
        moves = listener;
    }

    /** Decisions in a segment, or {@link Fdb#ANY}, are out of date, for a changed entry or another reason. */
    public void changed(int segment) {
        changes.accept(segment);
    }

    void made(int segment, long mac, int port, Fdb.Kind kind) {
        entries.made(segment, mac, port, kind);
    }

    void gone(int segment, long mac) {
        entries.gone(segment, mac);
    }

    void moved(int segment, long mac, int from, int to) {
        moves.moved(segment, mac, from, to);
    }
}
