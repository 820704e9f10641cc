package dev.peregrine.bench.wire.row;

/**
 * UDP traffic of equal packets, spread evenly over flows. 64 packets at a time one flow sends in a single burst; of 64
 * flows each sends one packet in turn, so that nothing can merge them.
 *
 * @param flows 1 to 64
 * @param payloadBytes of each inner datagram
 * @param packetsPerSecond what to offer; 0 is as many as the sender can
 */
record Load(int flows, int payloadBytes, int packetsPerSecond) {
    boolean isPaced() {
        return packetsPerSecond > 0;
    }
}
