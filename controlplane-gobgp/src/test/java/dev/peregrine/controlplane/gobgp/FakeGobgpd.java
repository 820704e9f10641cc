package dev.peregrine.controlplane.gobgp;

import com.google.protobuf.Any;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Timestamp;
import dev.peregrine.controlplane.evpn.GobgpApi;
import dev.peregrine.controlplane.gobgp.api.AddPathRequest;
import dev.peregrine.controlplane.gobgp.api.AddPathResponse;
import dev.peregrine.controlplane.gobgp.api.AfiSafi;
import dev.peregrine.controlplane.gobgp.api.AfiSafiConfig;
import dev.peregrine.controlplane.gobgp.api.DeletePathRequest;
import dev.peregrine.controlplane.gobgp.api.Destination;
import dev.peregrine.controlplane.gobgp.api.GetBgpRequest;
import dev.peregrine.controlplane.gobgp.api.GetBgpResponse;
import dev.peregrine.controlplane.gobgp.api.Global;
import dev.peregrine.controlplane.gobgp.api.ListPathRequest;
import dev.peregrine.controlplane.gobgp.api.ListPathResponse;
import dev.peregrine.controlplane.gobgp.api.ListPeerRequest;
import dev.peregrine.controlplane.gobgp.api.ListPeerResponse;
import dev.peregrine.controlplane.gobgp.api.MpGracefulRestart;
import dev.peregrine.controlplane.gobgp.api.MpGracefulRestartState;
import dev.peregrine.controlplane.gobgp.api.Nothing;
import dev.peregrine.controlplane.gobgp.api.Path;
import dev.peregrine.controlplane.gobgp.api.Peer;
import dev.peregrine.controlplane.gobgp.api.PeerState;
import dev.peregrine.controlplane.gobgp.api.SoftwareVersionCapability;
import dev.peregrine.controlplane.gobgp.api.Timers;
import dev.peregrine.controlplane.gobgp.api.TimersState;
import dev.peregrine.controlplane.gobgp.api.WatchEventRequest;
import dev.peregrine.controlplane.gobgp.api.WatchEventResponse;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A gobgpd with one neighbour, as far as the plane asks. It keeps paths by destination, as they came. */
final class FakeGobgpd implements AutoCloseable {
    private static final int ESTABLISHED = 6;

    private final Server server;
    private final List<StreamObserver<WatchEventResponse>> watchers = new ArrayList<>();
    private final Map<Any, Path> paths = new LinkedHashMap<>();
    private final List<Path> added = new ArrayList<>();
    private boolean isEstablished = true;
    private int session = 1;
    private String version = "";
    private int as = 65001;
    private @Nullable String refusal;

    /** One of GoBGP 3. */
    FakeGobgpd() {
        this(3);
    }

    /** One of a major version. */
    FakeGobgpd(int major) {
        NettyServerBuilder builder =
                NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        builder.addService(major == 3 ? version3() : version4());
        try {
            server = builder.directExecutor().build().start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    GobgpApi api() {
        return Objects.requireNonNull(GobgpApi.parse("127.0.0.1:" + server.getPort()));
    }

    private ServerServiceDefinition version3() {
        return ServerServiceDefinition.builder("apipb.GobgpApi")
                .addMethod(Api.GET_BGP, ServerCalls.asyncUnaryCall(this::getBgp))
                .addMethod(Api.LIST_PEER, ServerCalls.asyncServerStreamingCall(this::listPeer))
                .addMethod(Api.LIST_PATH, ServerCalls.asyncServerStreamingCall(this::listPath))
                .addMethod(Api.ADD_PATH, ServerCalls.asyncUnaryCall(this::addPath))
                .addMethod(Api.DELETE_PATH, ServerCalls.asyncUnaryCall(this::deletePath))
                .addMethod(Api.WATCH_EVENT, ServerCalls.asyncServerStreamingCall(this::watch))
                .build();
    }

    private ServerServiceDefinition version4() {
        MethodDescriptor<GetBgpRequest, GetBgpResponse> method = Api.GET_BGP_4;
        return ServerServiceDefinition.builder("api.GoBgpService")
                .addMethod(method, ServerCalls.asyncUnaryCall(this::getBgp))
                .build();
    }

    private static <T> void answer(StreamObserver<T> to, T answer) {
        to.onNext(answer);
        to.onCompleted();
    }

    private synchronized void getBgp(GetBgpRequest request, StreamObserver<GetBgpResponse> to) {
        answer(
                to,
                GetBgpResponse.newBuilder()
                        .setGlobal(Global.newBuilder().setAsn(as))
                        .build());
    }

    private synchronized void listPeer(ListPeerRequest request, StreamObserver<ListPeerResponse> to) {
        PeerState.Builder state = PeerState.newBuilder()
                .setNeighborAddress("198.18.1.1")
                .setSessionState(isEstablished ? ESTABLISHED : 3);
        if (!version.isEmpty()) {
            state.addLocalCap(any(SoftwareVersionCapability.newBuilder()
                    .setSoftwareVersion(version)
                    .build()));
        }
        Peer peer = Peer.newBuilder()
                .setState(state)
                .setTimers(Timers.newBuilder()
                        .setState(TimersState.newBuilder()
                                .setUptime(Timestamp.newBuilder().setSeconds(session))))
                .addAfiSafis(AfiSafi.newBuilder()
                        .setConfig(AfiSafiConfig.newBuilder().setFamily(RouteWriter.EVPN))
                        .setMpGracefulRestart(MpGracefulRestart.newBuilder()
                                .setState(MpGracefulRestartState.newBuilder().setEndOfRibReceived(true))))
                .build();
        answer(to, ListPeerResponse.newBuilder().setPeer(peer).build());
    }

    private static Any any(MessageLite message) {
        return Any.newBuilder()
                .setTypeUrl("type.googleapis.com/apipb." + message.getClass().getSimpleName())
                .setValue(message.toByteString())
                .build();
    }

    private synchronized void listPath(ListPathRequest request, StreamObserver<ListPathResponse> to) {
        for (Path path : paths.values()) {
            to.onNext(ListPathResponse.newBuilder()
                    .setDestination(
                            Destination.newBuilder().addPaths(path.toBuilder().setBest(true)))
                    .build());
        }
        to.onCompleted();
    }

    private synchronized void addPath(AddPathRequest request, StreamObserver<AddPathResponse> to) {
        added.add(request.getPath());
        if (refusal != null && request.getPath().getNlri().getTypeUrl().endsWith("EVPNMACIPAdvertisementRoute")) {
            to.onError(Status.UNKNOWN.withDescription(refusal).asRuntimeException());
            refusal = null;
            return;
        }
        tell(request.getPath());
        answer(to, AddPathResponse.getDefaultInstance());
    }

    private synchronized void deletePath(DeletePathRequest request, StreamObserver<Nothing> to) {
        tell(request.getPath().toBuilder().setIsWithdraw(true).build());
        answer(to, Nothing.getDefaultInstance());
    }

    private synchronized void watch(WatchEventRequest request, StreamObserver<WatchEventResponse> to) {
        watchers.add(to);
        to.onNext(WatchEventResponse.newBuilder()
                .setPeer(WatchEventResponse.PeerEvent.newBuilder().setType(2))
                .build());
    }

    /** There is a path, or it is withdrawn. */
    synchronized void tell(Path path) {
        if (path.getIsWithdraw()) {
            paths.remove(destination(path));
        } else {
            paths.put(destination(path), path);
        }
        WatchEventResponse event = WatchEventResponse.newBuilder()
                .setTable(WatchEventResponse.TableEvent.newBuilder().addPaths(path))
                .build();
        watchers.forEach(to -> to.onNext(event));
    }

    private static Any destination(Path path) {
        try {
            Route.Key key = RouteReader.key(path);
            return key == null ? path.getNlri() : RouteWriter.withdrawal(key).getNlri();
        } catch (BadRoute e) {
            return path.getNlri();
        }
    }

    /** The session breaks, and what it said is withdrawn; or it is there again, as another one. */
    synchronized void session(boolean isUp) {
        isEstablished = isUp;
        session++;
        if (!isUp) {
            for (Path path : List.copyOf(paths.values())) {
                if (!path.getNeighborIp().isEmpty()) {
                    tell(path.toBuilder().setIsWithdraw(true).build());
                }
            }
        }
    }

    synchronized void version(String text) {
        version = text;
    }

    synchronized void as(int number) {
        as = number;
    }

    /** The next path of type 2 is refused. */
    synchronized void refuseNext(String why) {
        refusal = why;
    }

    /** All that was asked to be added. */
    synchronized List<Path> added() {
        return List.copyOf(added);
    }

    /** The paths that are there. */
    synchronized List<Path> paths() {
        return List.copyOf(paths.values());
    }

    @Override
    public void close() {
        server.shutdownNow();
    }
}
