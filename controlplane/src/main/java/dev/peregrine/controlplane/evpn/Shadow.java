package dev.peregrine.controlplane.evpn;

/**
 * The devices that stand for one VNI, by their numbers in the kernel.
 *
 * @param bridge whose neighbours are the VNI's IP addresses
 * @param vxlan the bridge's port for what zebra says is behind other VTEPs
 * @param port the bridge's port for what is here
 */
record Shadow(int vni, int bridge, int vxlan, int port) {
    static final String BRIDGE = "pgb";
    static final String VXLAN = "pgv";
    static final String PORT = "pgp";
    /** The other end of the veth pair of {@link #PORT}, which is needed for that one to have a carrier. */
    static final String PEER = "pgq";
}
