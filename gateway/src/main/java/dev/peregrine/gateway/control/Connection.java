package dev.peregrine.gateway.control;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One client. Its requests are answered one after the other: the next is started when the answer to the
 * last has left, and nothing is read meanwhile, so a client that does not listen costs one answer.
 * Everything here runs on the socket's event loop except the command itself.
 */
@SuppressWarnings("FutureReturnValueIgnored") // closing has nothing to follow it
final class Connection extends SimpleChannelInboundHandler<ByteBuf> {
    private final Protocol protocol;
    private final Executor executor;
    private final int idleSeconds;
    private final int maxLineBytes;
    private final Queue<byte[]> waiting = new ArrayDeque<>();
    private boolean busy;
    private boolean inputEnded;
    private @Nullable Streamed streamed;
    private final CompletableFuture<Void> streamEnd = new CompletableFuture<>();
    private boolean stopping;
    private @Nullable ChannelHandlerContext context;
    private @Nullable ScheduledFuture<?> idle;

    Connection(Protocol protocol, Executor executor, int idleSeconds, int maxLineBytes) {
        this.protocol = protocol;
        this.executor = executor;
        this.idleSeconds = idleSeconds;
        this.maxLineBytes = maxLineBytes;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        context = ctx;
        touch(ctx);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (idle != null) idle.cancel(false);
        waiting.clear();
        if (streamed != null) streamed.abandon();
        streamEnd.complete(null);
    }

    void close() {
        if (context != null) context.close();
    }

    /** Has a result that goes on end with its last line; completes when that has left, or when there is none. */
    CompletableFuture<Void> stopStream() {
        stopping = true;
        if (streamed != null) streamed.stop();
        else if (!busy) streamEnd.complete(null);
        return streamEnd;
    }

    /** Starts the minute again; only whole requests and whole answers do, so a trickle of bytes does not. */
    private void touch(ChannelHandlerContext ctx) {
        if (idle != null) idle.cancel(false);
        idle = ctx.executor().schedule(() -> ctx.close(), idleSeconds, TimeUnit.SECONDS);
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, ByteBuf line) {
        waiting.add(ByteBufUtil.getBytes(line));
        startNext(ctx);
    }

    private void startNext(ChannelHandlerContext ctx) {
        if (busy) return;
        byte[] line = waiting.poll();
        if (line == null) {
            if (inputEnded) ctx.close();
            else ctx.channel().config().setAutoRead(true);
            return;
        }
        busy = true;
        ctx.channel().config().setAutoRead(false);
        if (idle != null) idle.cancel(false); // a change of many ports takes longer
        try {
            executor.execute(() -> send(ctx, protocol.reply(line)));
        } catch (RejectedExecutionException stopping) {
            send(ctx, new Protocol.Reply(protocol.stopping(), null));
        }
    }

    private void send(ChannelHandlerContext ctx, Protocol.Reply reply) {
        Streamed rest = reply.rest();
        ctx.executor().execute(() -> touch(ctx)); // a client that does not read it has its minute
        ctx.writeAndFlush(withLineEnd(reply.line())).addListener(sent -> {
            if (rest != null) {
                begin(ctx, rest, sent.isSuccess() && ctx.channel().isActive());
            } else {
                goOn(ctx, sent.isSuccess());
            }
        });
    }

    private void goOn(ChannelHandlerContext ctx, boolean isSent) {
        if (!isSent) {
            ctx.close();
            return;
        }
        busy = false;
        if (stopping) streamEnd.complete(null);
        touch(ctx);
        startNext(ctx);
    }

    /** While lines follow, the minute does not run: they end by themselves. */
    private void begin(ChannelHandlerContext ctx, Streamed rest, boolean isThere) {
        if (!isThere) {
            rest.abandon();
            ctx.close();
            return;
        }
        if (idle != null) idle.cancel(false);
        streamed = rest;
        rest.begin(new Client(ctx));
        if (stopping) rest.stop();
    }

    /** The client of a result that goes on, for the thread that gives its lines. */
    private final class Client implements Streamed.Client {
        private final ChannelHandlerContext ctx;

        private Client(ChannelHandlerContext ctx) {
            this.ctx = ctx;
        }

        @Override
        public boolean isReady() {
            return ctx.channel().isWritable();
        }

        @Override
        public void send(Object line) {
            ctx.writeAndFlush(withLineEnd(protocol.line(line))).addListener(sent -> {
                if (!sent.isSuccess()) ctx.close(); // which abandons the rest
            });
        }

        @Override
        public void end(Object line) {
            ctx.executor().execute(() -> touch(ctx)); // a client that does not read it has its minute
            ctx.writeAndFlush(withLineEnd(protocol.line(line))).addListener(sent -> {
                streamed = null;
                if (stopping) streamEnd.complete(null);
                goOn(ctx, sent.isSuccess());
            });
        }
    }

    static ByteBuf withLineEnd(byte[] answer) {
        return Unpooled.wrappedBuffer(answer, new byte[] {'\n'});
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (!(event instanceof ChannelInputShutdownEvent)) return;
        inputEnded = true;
        if (!busy) startNext(ctx);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof TooLongFrameException) {
            waiting.clear();
            ctx.channel().config().setAutoRead(false);
            ctx.writeAndFlush(withLineEnd(protocol.tooLong(maxLineBytes))).addListener(ChannelFutureListener.CLOSE);
        } else {
            ctx.close();
        }
    }
}
