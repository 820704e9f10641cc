package dev.peregrine.dataplane.endpoint.socket;

import dev.peregrine.dataplane.endpoint.Application;
import dev.peregrine.dataplane.endpoint.EndpointContract;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.PacketPool;

class UdpSocketEndpointContractTest extends EndpointContract {
    @Override
    protected World world(PacketPool pool, DropCounters drops) throws LinuxException {
        return new SocketWorld(Application.udp(0), pool, drops);
    }
}
