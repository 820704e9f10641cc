package dev.peregrine.gateway.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One client. Its requests are answered one after the other; one that sends the next before it has the answer to the
 * last is answered once and closed. Everything here runs on the event loop, but for what {@link Pages} asks of others.
 */
@SuppressWarnings("FutureReturnValueIgnored") // closing has nothing to follow it
final class HttpConnection extends SimpleChannelInboundHandler<FullHttpRequest> {
    private final Pages pages;
    private final boolean welcome;
    private final int idleSeconds;
    private boolean busy;
    private boolean last;
    private @Nullable ScheduledFuture<?> idle;

    /** @param welcome whether there was room for it; if not, its request is answered with just that */
    HttpConnection(Pages pages, boolean welcome, int idleSeconds) {
        this.pages = pages;
        this.welcome = welcome;
        this.idleSeconds = idleSeconds;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        touch(ctx);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (idle != null) idle.cancel(false);
    }

    /** Starts the time again; only whole requests and whole answers do, so a trickle of bytes does not. */
    private void touch(ChannelHandlerContext ctx) {
        if (idle != null) idle.cancel(false);
        idle = ctx.executor().schedule(() -> ctx.close(), idleSeconds, TimeUnit.SECONDS);
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
        if (busy) {
            last = true;
            return;
        }
        busy = true;
        touch(ctx);
        last = !welcome || !HttpUtil.isKeepAlive(request);
        if (!welcome) {
            send(ctx, Reply.text(HttpResponseStatus.SERVICE_UNAVAILABLE, "too many connections"), true);
            return;
        }
        if (request.decoderResult().isFailure()) {
            last = true;
            send(ctx, Reply.text(malformed(request.decoderResult().cause()), "not a request that is understood"), true);
            return;
        }
        boolean isHead = request.method().equals(HttpMethod.HEAD);
        if (!isHead && !request.method().equals(HttpMethod.GET)) {
            send(ctx, Reply.text(HttpResponseStatus.METHOD_NOT_ALLOWED, "only GET and HEAD"), true);
            return;
        }
        HttpHeaders headers = request.headers().copy();
        String path = path(request.uri());
        pages.answer(path, headers)
                .whenComplete((reply, failure) -> ctx.executor()
                        .execute(() -> send(
                                ctx,
                                failure == null
                                        ? reply
                                        : Reply.text(HttpResponseStatus.INTERNAL_SERVER_ERROR, failure.toString()),
                                !isHead)));
    }

    private static String path(String uri) {
        int query = uri.indexOf('?');
        return query < 0 ? uri : uri.substring(0, query);
    }

    private static HttpResponseStatus malformed(Throwable cause) {
        if (cause instanceof TooLongHttpHeaderException) return HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE;
        if (cause instanceof TooLongHttpLineException) return HttpResponseStatus.REQUEST_URI_TOO_LONG;
        return HttpResponseStatus.BAD_REQUEST;
    }

    private void send(ChannelHandlerContext ctx, Reply reply, boolean withBody) {
        byte[] body = reply.content().body();
        FullHttpResponse response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, reply.status(), withBody ? Unpooled.wrappedBuffer(body) : Unpooled.EMPTY_BUFFER);
        HttpHeaders headers = response.headers();
        headers.set(HttpHeaderNames.CONTENT_TYPE, reply.content().contentType());
        headers.set(HttpHeaderNames.CONTENT_LENGTH, body.length);
        headers.set(HttpHeaderNames.CACHE_CONTROL, HttpHeaderValues.NO_STORE);
        if (reply.content().gzip()) headers.set(HttpHeaderNames.CONTENT_ENCODING, HttpHeaderValues.GZIP);
        if (reply.status().equals(HttpResponseStatus.METHOD_NOT_ALLOWED))
            headers.set(HttpHeaderNames.ALLOW, "GET, HEAD");
        if (last) headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        ctx.writeAndFlush(response).addListener(sent -> {
            busy = false;
            touch(ctx);
            if (last || !sent.isSuccess()) ctx.close();
        });
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }
}
