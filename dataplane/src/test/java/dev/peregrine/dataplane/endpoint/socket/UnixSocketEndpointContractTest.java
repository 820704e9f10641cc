package dev.peregrine.dataplane.endpoint.socket;

import dev.peregrine.dataplane.endpoint.Application;
import dev.peregrine.dataplane.endpoint.EndpointContract;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.PacketPool;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("NullAway.Init") // injected
class UnixSocketEndpointContractTest extends EndpointContract {
    @TempDir
    private Path directory;

    @Override
    protected World world(PacketPool pool, DropCounters drops) throws LinuxException {
        return new SocketWorld(Application.unix(directory.resolve("app.sock")), pool, drops);
    }
}
