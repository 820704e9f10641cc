package dev.peregrine.testkit;

import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.vxlan.underlay.NettyUnderlay;
import dev.peregrine.vxlan.underlay.Underlay;
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

    private static final class OnLoop implements Underlay {
        private final NettyUnderlay underlay;
        private final MultiThreadIoEventLoopGroup group =
                new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        private final IoEventLoop loop = group.next();

        OnLoop(NettyUnderlay underlay) {
            this.underlay = underlay;
            call(() -> {
                underlay.startSending(loop);
                underlay.startReceiving(loop, () -> {});
                return 0;
            });
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
