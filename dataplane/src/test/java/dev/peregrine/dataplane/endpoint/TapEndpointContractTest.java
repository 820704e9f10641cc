package dev.peregrine.dataplane.endpoint;

import dev.peregrine.dataplane.linux.LinuxException;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.PacketPool;
import org.junit.jupiter.api.Tag;

@Tag("live")
class TapEndpointContractTest extends EndpointContract {
    @Override
    protected World world(PacketPool pool, DropCounters drops) throws LinuxException {
        return new TapWorld(pool, drops);
    }
}
