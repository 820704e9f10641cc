package dev.peregrine.controlplane.gobgp;

import com.google.protobuf.MessageLite;
import dev.peregrine.controlplane.evpn.GobgpApi;
import dev.peregrine.controlplane.gobgp.api.AddPathRequest;
import dev.peregrine.controlplane.gobgp.api.AddPathResponse;
import dev.peregrine.controlplane.gobgp.api.DeletePathRequest;
import dev.peregrine.controlplane.gobgp.api.GetBgpRequest;
import dev.peregrine.controlplane.gobgp.api.GetBgpResponse;
import dev.peregrine.controlplane.gobgp.api.Global;
import dev.peregrine.controlplane.gobgp.api.ListPathRequest;
import dev.peregrine.controlplane.gobgp.api.ListPathResponse;
import dev.peregrine.controlplane.gobgp.api.ListPeerRequest;
import dev.peregrine.controlplane.gobgp.api.ListPeerResponse;
import dev.peregrine.controlplane.gobgp.api.Nothing;
import dev.peregrine.controlplane.gobgp.api.Path;
import dev.peregrine.controlplane.gobgp.api.Peer;
import dev.peregrine.controlplane.gobgp.api.WatchEventRequest;
import dev.peregrine.controlplane.gobgp.api.WatchEventResponse;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.lite.ProtoLiteUtils;
import io.grpc.stub.ClientCalls;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * gobgpd's API (service {@code apipb.GobgpApi} of GoBGP 3), by one connection. Calls wait for their answer, and fail
 * with {@link StatusRuntimeException}. One thread calls.
 */
final class Api implements AutoCloseable {
    /** A call that gobgpd does not answer in that time says that it hangs. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    /** For the list of all paths, from its begin to its end. */
    private static final Duration LIST_PATIENCE = Duration.ofSeconds(60);

    /** Before 3.20 gobgpd tells all that went with a session in one message, some 450 bytes a route. */
    private static final int MAX_MESSAGE = 16 << 20;

    private static final int BATCH = 256;

    private static final String SERVICE = "apipb.GobgpApi/";
    static final MethodDescriptor<GetBgpRequest, GetBgpResponse> GET_BGP =
            unary(SERVICE + "GetBgp", GetBgpRequest.getDefaultInstance(), GetBgpResponse.getDefaultInstance());
    /** The same of GoBGP 4, which has renamed its service. */
    static final MethodDescriptor<GetBgpRequest, GetBgpResponse> GET_BGP_4 =
            unary("api.GoBgpService/GetBgp", GetBgpRequest.getDefaultInstance(), GetBgpResponse.getDefaultInstance());

    static final MethodDescriptor<AddPathRequest, AddPathResponse> ADD_PATH =
            unary(SERVICE + "AddPath", AddPathRequest.getDefaultInstance(), AddPathResponse.getDefaultInstance());
    static final MethodDescriptor<DeletePathRequest, Nothing> DELETE_PATH =
            unary(SERVICE + "DeletePath", DeletePathRequest.getDefaultInstance(), Nothing.getDefaultInstance());
    static final MethodDescriptor<ListPeerRequest, ListPeerResponse> LIST_PEER =
            stream("ListPeer", ListPeerRequest.getDefaultInstance(), ListPeerResponse.getDefaultInstance());
    static final MethodDescriptor<ListPathRequest, ListPathResponse> LIST_PATH =
            stream("ListPath", ListPathRequest.getDefaultInstance(), ListPathResponse.getDefaultInstance());
    static final MethodDescriptor<WatchEventRequest, WatchEventResponse> WATCH_EVENT =
            stream("WatchEvent", WatchEventRequest.getDefaultInstance(), WatchEventResponse.getDefaultInstance());

    private final ManagedChannel channel;

    /** A connection, which is made at the first call, and carried by a thread of {@code loop}. */
    Api(GobgpApi api, EventLoopGroup loop) {
        boolean isUnix = api.address() instanceof UnixDomainSocketAddress;
        NettyChannelBuilder builder = api.address() instanceof UnixDomainSocketAddress unix
                ? NettyChannelBuilder.forAddress(
                        new DomainSocketAddress(unix.getPath().toString()))
                : NettyChannelBuilder.forAddress(api.address());
        channel = builder.channelType(isUnix ? EpollDomainSocketChannel.class : EpollSocketChannel.class)
                .eventLoopGroup(loop)
                .withOption(
                        ChannelOption.SO_KEEPALIVE,
                        null) // not set: the other end is on this host, by a socket that has none
                .directExecutor()
                .usePlaintext()
                .overrideAuthority("localhost")
                .maxInboundMessageSize(MAX_MESSAGE)
                .disableRetry()
                .build();
    }

    private static <A extends MessageLite, B extends MessageLite> MethodDescriptor<A, B> method(
            MethodType type, String name, A request, B response) {
        return MethodDescriptor.<A, B>newBuilder()
                .setType(type)
                .setFullMethodName(name)
                .setRequestMarshaller(ProtoLiteUtils.marshaller(request))
                .setResponseMarshaller(ProtoLiteUtils.marshaller(response))
                .build();
    }

    private static <A extends MessageLite, B extends MessageLite> MethodDescriptor<A, B> unary(
            String name, A request, B response) {
        return method(MethodType.UNARY, name, request, response);
    }

    private static <A extends MessageLite, B extends MessageLite> MethodDescriptor<A, B> stream(
            String name, A request, B response) {
        return method(MethodType.SERVER_STREAMING, SERVICE + name, request, response);
    }

    private static CallOptions within(Duration patience) {
        return CallOptions.DEFAULT.withDeadlineAfter(patience.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** How BGP is set up; AS 0: it is not yet. Fails with {@code UNIMPLEMENTED} where no GoBGP 3 answers. */
    Global global() {
        return ClientCalls.blockingUnaryCall(channel, GET_BGP, within(PATIENCE), GetBgpRequest.getDefaultInstance())
                .getGlobal();
    }

    /** Whether it is a GoBGP 4 that answers. */
    boolean isVersion4() {
        try {
            ClientCalls.blockingUnaryCall(channel, GET_BGP_4, within(PATIENCE), GetBgpRequest.getDefaultInstance());
            return true;
        } catch (StatusRuntimeException e) {
            return e.getStatus().getCode() != Status.Code.UNIMPLEMENTED;
        }
    }

    /** All neighbours. */
    List<Peer> peers() {
        List<Peer> peers = new ArrayList<>();
        ClientCalls.blockingServerStreamingCall(
                        channel, LIST_PEER, within(PATIENCE), ListPeerRequest.getDefaultInstance())
                .forEachRemaining(answer -> peers.add(answer.getPeer()));
        return peers;
    }

    /** All EVPN paths, one after the other, each on the calling thread. */
    void paths(Consumer<Path> to) {
        ListPathRequest request =
                ListPathRequest.newBuilder().setFamily(RouteWriter.EVPN).build();
        ClientCalls.blockingServerStreamingCall(channel, LIST_PATH, within(LIST_PATIENCE), request)
                .forEachRemaining(
                        answer -> answer.getDestination().getPathsList().forEach(to));
    }

    /** Adds a path, or replaces that of its destination. */
    void add(Path path) {
        ClientCalls.blockingUnaryCall(
                channel,
                ADD_PATH,
                within(PATIENCE),
                AddPathRequest.newBuilder().setPath(path).build());
    }

    /** Removes the path of a destination, if there is one. */
    void delete(Path path) {
        DeletePathRequest request = DeletePathRequest.newBuilder()
                .setFamily(RouteWriter.EVPN)
                .setPath(path)
                .build();
        ClientCalls.blockingUnaryCall(channel, DELETE_PATH, within(PATIENCE), request);
    }

    /**
     * Follows the best path of each destination, and the sessions: of those there is an event each at first, and one
     * that says that these were all. From that event on no change is left out. gobgpd would tell all paths there are,
     * too; it puts them into one message, which {@link #paths} does not.
     */
    Watch watch(Consumer<Mail> to) {
        WatchEventRequest request = WatchEventRequest.newBuilder()
                .setPeer(WatchEventRequest.Peer.getDefaultInstance())
                .setTable(WatchEventRequest.Table.newBuilder()
                        .addFilters(WatchEventRequest.Table.Filter.getDefaultInstance()))
                .setBatchSize(BATCH)
                .build();
        Watch watch = new Watch(to);
        ClientCalls.asyncServerStreamingCall(channel.newCall(WATCH_EVENT, CallOptions.DEFAULT), request, watch);
        return watch;
    }

    /** Ends all calls. */
    @Override
    public void close() {
        channel.shutdownNow();
    }
}
