package dev.peregrine.gateway.control.request;

import dev.peregrine.gateway.control.Requests;

/**
 * A plane whose whole picture is to be read again.
 *
 * @param now whether removals that wait, since it lost most of what it had, are made at once
 */
public record PlaneResync(String plane, boolean now) {
    public PlaneResync {
        Requests.required(plane, "plane");
    }
}
