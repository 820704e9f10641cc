package dev.peregrine.controlplane.etcd;

import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/** The bytes of an answer, as long as there are not too many. They are copied once, when all have come. */
final class Answer implements BodySubscriber<byte[]> {
    private final List<ByteBuffer> parts = new ArrayList<>();
    private int size;
    private final CompletableFuture<byte[]> whole = new CompletableFuture<>();
    private Flow.@Nullable Subscription subscription;

    @Override
    public void onSubscribe(Flow.Subscription its) {
        subscription = its;
        its.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
        for (ByteBuffer buffer : buffers) {
            size += buffer.remaining();
            if (size > EtcdClient.MAX_MESSAGE) {
                if (subscription != null) subscription.cancel();
                whole.completeExceptionally(new MessageTooLong());
                return;
            }
            parts.add(buffer);
        }
    }

    @Override
    public void onError(Throwable failure) {
        whole.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
        ByteBuffer all = ByteBuffer.allocate(size);
        parts.forEach(all::put);
        whole.complete(all.array());
    }

    @Override
    public CompletionStage<byte[]> getBody() {
        return whole;
    }
}
