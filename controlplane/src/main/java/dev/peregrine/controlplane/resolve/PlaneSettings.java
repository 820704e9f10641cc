package dev.peregrine.controlplane.resolve;

import dev.peregrine.vxlan.AllowList;
import org.jspecify.annotations.Nullable;

/**
 * How far a plane is believed.
 *
 * @param name the plane's name, as in {@code vnis[].control}
 * @param allow networks that its VTEPs are in; null for any
 * @param maxVteps VTEPs that it may name, at least 1
 * @param maxMacs stations that it may claim, at least 1
 * @param maxMacsPerVtep stations that it may claim for one VTEP, at least 1
 */
public record PlaneSettings(String name, @Nullable AllowList allow, int maxVteps, int maxMacs, int maxMacsPerVtep) {
    /** Default of {@code maxVteps}. */
    public static final int MAX_VTEPS = 1024;

    /** Default of {@code maxMacs}. */
    public static final int MAX_MACS = 131_072;

    /** Default of {@code maxMacsPerVtep}. */
    public static final int MAX_MACS_PER_VTEP = 4096;

    public PlaneSettings {
        if (maxVteps < 1 || maxMacs < 1 || maxMacsPerVtep < 1) {
            throw new IllegalArgumentException("a limit of plane " + name + " is below 1");
        }
    }

    /** A plane with the default limits, believed about any VTEP. */
    public PlaneSettings(String name) {
        this(name, null, MAX_VTEPS, MAX_MACS, MAX_MACS_PER_VTEP);
    }
}
