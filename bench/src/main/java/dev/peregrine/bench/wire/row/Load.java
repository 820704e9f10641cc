package dev.peregrine.bench.wire.row;

/**
 * UDP traffic of equal packets, spread evenly over flows. One flow sends 64 packets in a single burst; of 64 flows each
 * sends one packet in turn, so that nothing can merge them.
 *
 * @param flows 1 to 64
 * @param payloadBytes of each inner datagram
 * @param packetsPerSecond the rate to offer; 0: as many as the sender can
 */
record Load(int flows, int payloadBytes, int packetsPerSecond) {
    boolean isPaced() {
        return packetsPerSecond > 0;
    }
}
