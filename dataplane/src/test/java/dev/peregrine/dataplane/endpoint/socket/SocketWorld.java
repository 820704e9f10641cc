package dev.peregrine.dataplane.endpoint.socket;

import dev.peregrine.dataplane.endpoint.Application;
import dev.peregrine.dataplane.endpoint.Endpoint;
import dev.peregrine.dataplane.endpoint.EndpointContract;
import dev.peregrine.dataplane.endpoint.Frames;
import dev.peregrine.dataplane.linux.socket.UdpAddress;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.PacketPool;
import java.nio.ByteBuffer;

/** A socket port over IPv4, and a remote that has said hello to its application. */
public final class SocketWorld implements EndpointContract.World {
    public static final Frames.Host REMOTE = new Frames.Host(0x0200_0000_0001L, "198.19.0.1", 9_001);
    public static final Frames.Host PORT = new Frames.Host(0x0200_0000_0009L, "198.19.0.9", 9_000);
    public static final int MTU = 1_450;

    private final Application application;
    private final SocketEndpoint endpoint;

    SocketWorld(Application application, PacketPool pool, DropCounters drops) throws LinuxException {
        this.application = application;
        endpoint = new SocketEndpoint(settings(PORT, application), pool, drops);
        endpoint.accept(Frames.batch(pool, frame(0)));
        EndpointContract.await("hello", () -> received() == 0);
        Batch announcement = new Batch();
        endpoint.poll(announcement);
        announcement.release();
    }

    static SocketSettings settings(Frames.Host port, Application application) {
        return new SocketSettings(port.mac(), UdpAddress.of(port.address(), port.port()), application.address(), MTU);
    }

    public static byte[] payload(int number) {
        return ByteBuffer.allocate(18).putInt(number).array();
    }

    @Override
    public Endpoint endpoint() {
        return endpoint;
    }

    @Override
    public byte[] frame(int number) {
        return Frames.udp(REMOTE, PORT, payload(number));
    }

    @Override
    public int received() {
        byte[] datagram = application.receive();
        return datagram == null || datagram.length < 4
                ? -1
                : ByteBuffer.wrap(datagram).getInt();
    }

    @Override
    public void send(int number) {
        application.send(payload(number));
    }

    @Override
    public int number(byte[] frame) {
        boolean reply = Frames.protocol(frame) == Frames.UDP && Frames.mac(frame, 0) == REMOTE.mac();
        return reply ? ByteBuffer.wrap(Frames.udpPayload(frame)).getInt() : -1;
    }

    @Override
    public void close() {
        endpoint.close();
        application.close();
    }
}
