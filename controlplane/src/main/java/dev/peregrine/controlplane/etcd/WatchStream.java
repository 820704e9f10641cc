package dev.peregrine.controlplane.etcd;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Flow;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a watch: JSON objects, one a line, without an end. Its parts go to the thread of the plane as mail, one
 * at a time, so that a plane that is behind slows its registry down.
 */
final class WatchStream implements Flow.Subscriber<List<ByteBuffer>> {
    private final Consumer<Mail> mailbox;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private volatile Flow.@Nullable Subscription subscription;
    private volatile boolean cancelled;

    WatchStream(Consumer<Mail> mailbox) {
        this.mailbox = mailbox;
    }

    @Override
    public void onSubscribe(Flow.Subscription its) {
        subscription = its;
        if (cancelled) {
            its.cancel();
        } else {
            its.request(1);
        }
    }

    @Override
    public void onNext(List<ByteBuffer> bytes) {
        mailbox.accept(new Mail.Part(this, bytes));
    }

    /** The asker of the watch tells of its end. */
    @Override
    public void onError(Throwable failure) {}

    @Override
    public void onComplete() {}

    /** The lines that a part ends. On the plane's thread, as {@link #more}. */
    List<byte[]> lines(List<ByteBuffer> part) throws IOException {
        List<byte[]> lines = new ArrayList<>();
        for (ByteBuffer buffer : part) {
            while (buffer.hasRemaining()) {
                int from = buffer.position();
                int to = from;
                while (to < buffer.limit() && buffer.get(to) != '\n') to++;
                byte[] piece = new byte[to - from];
                buffer.get(piece);
                if (line.size() + piece.length > EtcdClient.MAX_MESSAGE) throw new MessageTooLong();
                line.writeBytes(piece);
                if (!buffer.hasRemaining()) break;
                buffer.get();
                if (line.size() > 0) lines.add(line.toByteArray());
                line.reset();
            }
        }
        return lines;
    }

    /** Asks for the next part. */
    void more() {
        Flow.Subscription its = subscription;
        if (its != null) its.request(1);
    }

    /** Ends the watch. */
    void cancel() {
        cancelled = true;
        Flow.Subscription its = subscription;
        if (its != null) its.cancel();
    }
}
