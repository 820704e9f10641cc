package dev.peregrine.dataplane.endpoint.device;

import dev.peregrine.dataplane.endpoint.EndpointContract;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.PacketPool;
import org.junit.jupiter.api.Tag;

@Tag("live")
class InterfaceEndpointContractTest extends EndpointContract {
    @Override
    protected World world(PacketPool pool, DropCounters drops) throws LinuxException {
        return new InterfaceWorld(pool, drops);
    }
}
