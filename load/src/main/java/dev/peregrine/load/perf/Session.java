package dev.peregrine.load.perf;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.peregrine.dataplane.linux.socket.UdpAddress;
import dev.peregrine.dataplane.linux.sys.AddressText;
import dev.peregrine.load.Rates;
import dev.peregrine.load.StopSignal;
import dev.peregrine.load.perf.traffic.Connections;
import dev.peregrine.load.perf.traffic.CpuTime;
import dev.peregrine.load.perf.traffic.PerfPlan;
import dev.peregrine.load.perf.traffic.TcpEcho;
import dev.peregrine.load.perf.traffic.TcpTraffic;
import dev.peregrine.load.perf.traffic.Traffic;
import dev.peregrine.load.perf.traffic.UdpEcho;
import dev.peregrine.load.perf.traffic.UdpReceiveTraffic;
import dev.peregrine.load.perf.traffic.UdpSendTraffic;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The server's side of one test. */
final class Session {
    private static final long JOIN_SECONDS = 5;
    private static final int PATIENCE_MILLIS = 30_000;

    private final Control control;
    private final StopSignal serverStop;
    private final PerfPlan plan;
    private final String cookie;
    private final int clientUdpPort;
    private final @Nullable SocketChannel[] channels;
    private final CountDownLatch joined;
    private volatile boolean stopped;

    Session(Control control, JsonNode hello, StopSignal serverStop) {
        this.control = control;
        this.serverStop = serverStop;
        plan = PerfPlan.of(hello.path("test"));
        cookie = hello.path("cookie").asText();
        clientUdpPort = hello.path("udpPort").asInt();
        channels = new SocketChannel[plan.udp() || !plan.fault().isEmpty() ? 0 : plan.streams()];
        joined = new CountDownLatch(channels.length);
    }

    /** Takes a stream's connection if it belongs here. */
    synchronized boolean join(SocketChannel channel, JsonNode hello) {
        int stream = hello.path("stream").asInt(-1);
        boolean ours = hello.path("cookie").asText().equals(cookie) && !stopped;
        if (!ours || stream < 0 || stream >= channels.length || channels[stream] != null) return false;
        channels[stream] = channel;
        joined.countDown();
        return true;
    }

    /** Runs the test and sends its results, or the error; returns a line about it. */
    String run() throws IOException {
        String client = AddressText.of((InetSocketAddress) control.channel().getRemoteAddress());
        try {
            if (!plan.fault().isEmpty()) throw new IOException(plan.fault());
            CpuTime cpu = new CpuTime();
            ObjectNode results = plan.udp() ? datagrams() : connections();
            results.put("cpuPercent", cpu.percent());
            control.send(Rates.object().set("results", results));
            return client + " done";
        } catch (IOException failure) {
            control.send(Rates.object().put("error", String.valueOf(failure.getMessage())));
            return client + " failed: " + failure.getMessage();
        } finally {
            stop();
        }
    }

    private ObjectNode datagrams() throws IOException {
        InetAddress local = ((InetSocketAddress) control.channel().getLocalAddress()).getAddress();
        InetAddress remote = ((InetSocketAddress) control.channel().getRemoteAddress()).getAddress();
        if (plan.requests()) {
            try (UdpEcho echo = new UdpEcho(plan, local)) {
                return traffic(echo, echo.port());
            }
        }
        if (plan.reverse()) {
            UdpAddress client = UdpAddress.of(remote, clientUdpPort);
            try (UdpSendTraffic sender = new UdpSendTraffic(plan, client, this::stopping)) {
                return traffic(sender, 0);
            }
        }
        try (UdpReceiveTraffic receiver = new UdpReceiveTraffic(plan, local)) {
            return traffic(receiver, receiver.port());
        }
    }

    private ObjectNode connections() throws IOException {
        control.send(Rates.object().put("udpPort", 0));
        try {
            if (!joined.await(JOIN_SECONDS, TimeUnit.SECONDS)) {
                throw new IOException("not all connections came within " + JOIN_SECONDS + " s");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", interrupted);
        }
        SocketChannel[] connected =
                Arrays.stream(channels).map(Objects::requireNonNull).toArray(SocketChannel[]::new);
        try (Traffic traffic = plan.requests()
                ? new TcpEcho(connected)
                : new TcpTraffic(plan, connected, plan.reverse(), this::stopping)) {
            return exchange(traffic);
        }
    }

    private ObjectNode traffic(Traffic traffic, int port) throws IOException {
        control.send(Rates.object().put("udpPort", port));
        return exchange(traffic);
    }

    private ObjectNode exchange(Traffic traffic) throws IOException {
        control.send(Rates.object().put("start", true));
        traffic.start();
        if (plan.reverse()) {
            Thread.ofPlatform().daemon().name("end").start(this::awaitEnd);
        } else {
            control.receive((int) (plan.seconds() * 1000) + PATIENCE_MILLIS);
            traffic.drain();
        }
        traffic.await();
        return traffic.streams().results();
    }

    /** The client wants no more, or is gone. */
    private void awaitEnd() {
        try {
            control.receive(0);
        } catch (IOException gone) {
            // Then the client wants no more either.
        }
        stopped = true;
    }

    private boolean stopping() {
        return stopped || serverStop.requested();
    }

    /** Ends the test now. */
    synchronized void stop() {
        stopped = true;
        Connections.close(channels);
        if (serverStop.requested()) Connections.close(control.channel());
    }
}
