package dev.peregrine.gateway.config.model;

/**
 * Memory and file descriptors that a port needs beside what every port does.
 *
 * @param offHeapPerWorker bytes
 * @param kernel bytes of the device, which count as off-heap ones
 * @param descriptors of the port
 * @param descriptorsPerWorker of the port's endpoint at each worker
 * @param remotes places for remotes at each worker, for each of which there may be a socket; 0 for a port that does not
 *     answer by itself
 */
public record PortNeeds(long offHeapPerWorker, long kernel, int descriptors, int descriptorsPerWorker, int remotes) {

    /** Fragments and header blocks of an endpoint of a device, in bytes; see docs/operations.md. */
    private static final long OFF_HEAP_PER_DEVICE = 34 << 10;

    /**
     * The needs of a port whose device has descriptors of its own.
     *
     * @param kernel bytes in the kernel
     */
    static PortNeeds ofDevice(int descriptors, long kernel) {
        return new PortNeeds(OFF_HEAP_PER_DEVICE, kernel, descriptors, 0, 0);
    }

    /** The needs of a port with a socket at each worker that shares a device with others. */
    static PortNeeds ofSharedDevice() {
        return new PortNeeds(OFF_HEAP_PER_DEVICE, 0, 0, 1, 0);
    }
}
