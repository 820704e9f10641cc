package dev.peregrine.gateway.config.model;

/**
 * The flow cache.
 *
 * @param capacity entries per worker
 * @param shadow n to have one of n hits take the slow path as well and be compared; 0 for none
 * @param kernel whether it has a tier in the kernel
 * @param helper whether that tier has a helper device
 */
public record FastpathConfig(boolean enabled, int capacity, int shadow, Kernel kernel, HelperMode helper) {
    /** Whether flows get a place in the kernel. */
    public enum Kernel {
        /** Where all that it needs is there. */
        AUTO,
        /** They do, or the gateway does not start. */
        ON,
        /** They do not. */
        OFF
    }

    /** Whether a VXLAN device of the kernel has the tunnel's port. */
    public enum HelperMode {
        /** Where flows get a place in the kernel, and all that it needs is there. */
        AUTO,
        /** The gateway's sockets have the port. */
        OFF
    }

    /** The same with other settings of the cache that can change at run time. */
    public FastpathConfig with(boolean otherEnabled, int otherShadow) {
        return new FastpathConfig(otherEnabled, capacity, otherShadow, kernel, helper);
    }
}
