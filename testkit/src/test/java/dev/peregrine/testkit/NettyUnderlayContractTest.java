package dev.peregrine.testkit;

import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.vxlan.underlay.Poller;
import dev.peregrine.vxlan.underlay.Underlay;
import dev.peregrine.vxlan.underlay.socket.NettyUnderlay;
import io.netty.channel.EventLoop;
import io.netty.channel.IoEventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

/** Everything runs on the thread of an event loop, as the underlay's worker does. */
class NettyUnderlayContractTest extends UnderlayContract {
    @Override
    World world() throws IOException {
        return new SocketUnderlayWorld(vteps, port -> new OnLoop(port.openNetty(0, pool, drops)));
    }

    private static final class OnLoop implements Underlay, Poller {
        private final NettyUnderlay underlay;
        private final MultiThreadIoEventLoopGroup group =
                new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        private final IoEventLoop loop = group.next();

        OnLoop(NettyUnderlay underlay) {
            this.underlay = underlay;
            call(() -> {
                underlay.register(this);
                underlay.startReceiving(this);
                return 0;
            });
        }

        @Override
        public void watch(int fd) {
            throw new AssertionError("channels have descriptors of their own");
        }

        @Override
        public void ready() {}

        @Override
        public EventLoop loop() {
            return loop;
        }

        private <T> T call(Callable<T> action) {
            try {
                return loop.submit(action).get(5, TimeUnit.SECONDS);
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public int poll(Batch batch) {
            return call(() -> underlay.poll(batch));
        }

        @Override
        public void accept(Batch batch) {
            call(() -> {
                underlay.accept(batch);
                return 0;
            });
        }

        @Override
        public int fd() {
            return underlay.fd();
        }

        @Override
        public void close() {
            call(() -> {
                underlay.close();
                return 0;
            });
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
        }
    }
}
