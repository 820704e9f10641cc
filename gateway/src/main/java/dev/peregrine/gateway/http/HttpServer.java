package dev.peregrine.gateway.http;

import dev.peregrine.dataplane.linux.sys.AddressText;
import dev.peregrine.dataplane.linux.sys.Errno;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.unix.Errors;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Serves {@code /metrics}, {@code /healthz} and {@code /readyz} on an event loop of its own. */
public final class HttpServer implements AutoCloseable {
    private static final int MAX_LINE_BYTES = 4096;
    private static final int MAX_HEADER_BYTES = 8192;
    private static final int MAX_BODY_BYTES = 1024;
    private static final int MAX_CONNECTIONS = 32;

    /** Connections on top, which are told that there are too many. */
    private static final int MAX_REFUSED = 8;

    private static final int IDLE_SECONDS = 75;
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final Pages pages;
    private final int idleSeconds;
    private final EventLoopGroup loop =
            new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("http", true), EpollIoHandler.newFactory());
    private @Nullable Channel listening;
    private int connections; // of the event loop

    private HttpServer(Duration patience, int idleSeconds) {
        pages = new Pages(patience);
        this.idleSeconds = idleSeconds;
    }

    /** Listens at an address. Until {@link #show}, the answers are that the gateway starts. */
    public static HttpServer start(InetSocketAddress address) throws IOException {
        return start(address, PATIENCE, IDLE_SECONDS);
    }

    static HttpServer start(InetSocketAddress address, Duration patience, int idleSeconds) throws IOException {
        HttpServer server = new HttpServer(patience, idleSeconds);
        try {
            server.listen(address);
        } catch (IOException failure) {
            server.close();
            throw failure;
        }
        return server;
    }

    private void listen(InetSocketAddress address) throws IOException {
        ChannelFuture bound = new ServerBootstrap()
                .group(loop)
                .channel(EpollServerSocketChannel.class)
                .option(ChannelOption.SO_REUSEADDR, true)
                .option(ChannelOption.SO_BACKLOG, MAX_CONNECTIONS)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        accept(channel);
                    }
                })
                .bind(address)
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw unopened(address, bound.cause());
        }
        listening = bound.channel();
    }

    private static IOException unopened(InetSocketAddress address, Throwable cause) {
        String at = "control.http: cannot listen at " + AddressText.of(address) + ": ";
        String advice =
                ": another program, or another gateway, listens there: set control.http to another port, or to off";
        if (cause instanceof Errors.NativeIoException refused) {
            int errno = Math.abs(refused.expectedErr());
            String why = Errno.name(errno) + " (" + Errno.text(errno) + ")";
            return new BindException(at + why + (errno == Errno.EADDRINUSE ? advice : ": set control.http"));
        }
        return new IOException(at + cause.getMessage(), cause);
    }

    private void accept(Channel channel) {
        if (connections == MAX_CONNECTIONS + MAX_REFUSED) {
            var _ = channel.close();
            return;
        }
        boolean welcome = connections < MAX_CONNECTIONS;
        connections++;
        channel.closeFuture().addListener(closed -> connections--);
        channel.pipeline()
                .addLast(
                        new HttpServerCodec(new HttpDecoderConfig()
                                .setMaxInitialLineLength(MAX_LINE_BYTES)
                                .setMaxHeaderSize(MAX_HEADER_BYTES)),
                        new HttpObjectAggregator(MAX_BODY_BYTES, true),
                        new HttpConnection(pages, welcome, welcome ? idleSeconds : 1));
    }

    /** The address that it listens at; its port is another one where 0 was asked for. */
    public InetSocketAddress address() {
        Channel open = listening;
        if (open == null) {
            throw new IllegalStateException("not listening");
        }
        return (InetSocketAddress) open.localAddress();
    }

    /** From now on the answers are those of a gateway. */
    public void show(Observed gateway) {
        pages.show(gateway);
    }

    /** From now on the answers are that the gateway ends. */
    public void drain() {
        pages.drain();
    }

    /** Ends all connections. */
    @Override
    public void close() {
        if (listening != null) listening.close().awaitUninterruptibly();
        loop.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
