package dev.peregrine.controlplane;

import java.util.List;

/**
 * The result of a look at the other side of a plane, made beside the plane or before there is one. It changes nothing
 * there.
 *
 * @param found in figures, in a line; of what went well
 * @param faults what did not
 */
public record Examined(String found, List<Fault> faults) {
    public Examined {
        faults = List.copyOf(faults);
    }

    /**
     * Something that is wrong.
     *
     * @param isFatal whether the plane cannot work so; else it works worse, or not for long
     * @param what in a line
     * @param cure a command or a setting
     */
    public record Fault(boolean isFatal, String what, String cure) {}
}
