package dev.peregrine.controlplane.gobgp;

import dev.peregrine.controlplane.gobgp.api.WatchEventRequest;
import dev.peregrine.controlplane.gobgp.api.WatchEventResponse;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A stream of events. gobgpd sends no more of them than were asked for, {@value #AHEAD} at first and one for each that
 * was {@linkplain #taken taken}; the rest waits there.
 */
final class Watch implements ClientResponseObserver<WatchEventRequest, WatchEventResponse> {
    private static final int AHEAD = 256;

    private final Consumer<Mail> to;
    private volatile @Nullable ClientCallStreamObserver<WatchEventRequest> call;

    /** One whose events go to somebody, on a thread of the connection that must not wait. */
    Watch(Consumer<Mail> to) {
        this.to = to;
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<WatchEventRequest> started) {
        started.disableAutoRequestWithInitial(AHEAD);
        call = started;
    }

    @Override
    public void onNext(WatchEventResponse response) {
        to.accept(new Mail.Event(this, response));
    }

    @Override
    public void onError(Throwable failure) {
        to.accept(new Mail.End(this, Status.fromThrowable(failure)));
    }

    @Override
    public void onCompleted() {
        to.accept(new Mail.End(this, Status.UNAVAILABLE.withDescription("gobgpd ended the stream of events")));
    }

    /** An event was dealt with. */
    void taken() {
        ClientCallStreamObserver<WatchEventRequest> started = call;
        if (started != null) {
            started.request(1);
        }
    }
}
