package dev.peregrine.dataplane.endpoint.socket;

import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.Packet;

/** Frames that an endpoint made itself, until they are polled: a ring of {@value #CAPACITY}. */
final class AnswerQueue {
    static final int CAPACITY = 64;

    private final Packet[] ring = new Packet[CAPACITY];
    private int head;
    private int size;

    boolean isEmpty() {
        return size == 0;
    }

    boolean isFull() {
        return size == CAPACITY;
    }

    /** Adds a frame; the queue must not be full. */
    void add(Packet packet) {
        ring[(head + size) % CAPACITY] = packet;
        size++;
    }

    /** Moves frames to the batch until it is full. */
    void poll(Batch batch) {
        while (size > 0 && !batch.isFull()) {
            batch.add(take());
        }
    }

    /** Releases all frames; returns how many they were. */
    int close() {
        int count = size;
        while (size > 0) {
            Packet packet = take();
            packet.pool().release(packet);
        }
        return count;
    }

    private Packet take() {
        Packet packet = ring[head];
        head = (head + 1) % CAPACITY;
        size--;
        return packet;
    }
}
