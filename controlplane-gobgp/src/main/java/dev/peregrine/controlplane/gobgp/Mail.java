package dev.peregrine.controlplane.gobgp;

import dev.peregrine.controlplane.gobgp.api.WatchEventResponse;
import io.grpc.Status;

/** Something for the plane's thread. */
sealed interface Mail {
    /** Something is to be looked at. */
    record Wake() implements Mail {}

    /** gobgpd tells of a change. */
    record Event(Watch watch, WatchEventResponse response) implements Mail {}

    /** gobgpd tells nothing any more. */
    record End(Watch watch, Status status) implements Mail {}
}
