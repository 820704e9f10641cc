package dev.peregrine.load.perf;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.peregrine.dataplane.linux.socket.UdpAddress;
import dev.peregrine.dataplane.linux.sys.AddressText;
import dev.peregrine.load.Rates;
import dev.peregrine.load.StopSignal;
import dev.peregrine.load.Ticker;
import dev.peregrine.load.perf.traffic.Connections;
import dev.peregrine.load.perf.traffic.CpuTime;
import dev.peregrine.load.perf.traffic.Exchange;
import dev.peregrine.load.perf.traffic.PerfPlan;
import dev.peregrine.load.perf.traffic.RequestTraffic;
import dev.peregrine.load.perf.traffic.TcpExchange;
import dev.peregrine.load.perf.traffic.TcpTraffic;
import dev.peregrine.load.perf.traffic.Traffic;
import dev.peregrine.load.perf.traffic.UdpExchange;
import dev.peregrine.load.perf.traffic.UdpReceiveTraffic;
import dev.peregrine.load.perf.traffic.UdpSendTraffic;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.security.SecureRandom;
import java.util.HexFormat;

/** The client's side of one test. */
final class Client implements AutoCloseable {
    private static final int CONNECT_MILLIS = 5_000;
    private static final int ANSWER_MILLIS = 15_000;

    private final InetSocketAddress server;
    private final PerfPlan plan;
    private final StopSignal stop;
    private final Control control;
    private final String cookie = cookie();

    /** Connects, in the calling thread's network namespace. */
    Client(InetSocketAddress server, PerfPlan plan, StopSignal stop) throws IOException {
        this.server = server;
        this.plan = plan;
        this.stop = stop;
        control = new Control(connect(server));
    }

    private static SocketChannel connect(InetSocketAddress server) throws IOException {
        SocketChannel channel = SocketChannel.open();
        try {
            channel.socket().connect(server, CONNECT_MILLIS);
            return channel;
        } catch (IOException failure) {
            channel.close();
            throw new IOException(
                    "connect(%s:%d): %s: is \"peregrine perf server\" running there?"
                            .formatted(server.getHostString(), server.getPort(), failure.getMessage()),
                    failure);
        }
    }

    private static String cookie() {
        byte[] random = new byte[16];
        new SecureRandom().nextBytes(random);
        return HexFormat.of().formatHex(random);
    }

    /** Runs the test, and passes its results to the report. */
    void run(ClientReport report, double intervalSeconds) throws IOException {
        ObjectNode hello = Rates.object().put("cookie", cookie);
        hello.set("test", plan.json());
        if (plan.udp() && plan.reverse()) {
            InetAddress local = ((InetSocketAddress) control.channel().getLocalAddress()).getAddress();
            try (UdpReceiveTraffic receiver = new UdpReceiveTraffic(plan, local)) {
                control.send(hello.put("udpPort", receiver.port()));
                answer("udpPort");
                exchange(receiver, report, intervalSeconds);
            }
            return;
        }
        control.send(hello);
        int udpPort = answer("udpPort").asInt();
        try (Traffic traffic = plan.udp() ? datagrams(udpPort) : connections()) {
            exchange(traffic, report, intervalSeconds);
        }
    }

    private Traffic datagrams(int port) throws IOException {
        if (!plan.requests()) {
            return new UdpSendTraffic(plan, UdpAddress.of(server.getAddress(), port), stop::requested);
        }
        Exchange[] exchanges = new Exchange[plan.streams()];
        for (int i = 0; i < exchanges.length; i++) {
            exchanges[i] = new UdpExchange(new InetSocketAddress(server.getAddress(), port), plan.length());
        }
        return new RequestTraffic(plan, exchanges, stop::requested);
    }

    private Traffic connections() throws IOException {
        SocketChannel[] channels = new SocketChannel[plan.streams()];
        try {
            for (int i = 0; i < channels.length; i++) {
                channels[i] = connect(server);
                new Control(channels[i])
                        .send(Rates.object().put("cookie", cookie).put("stream", i));
                channels[i].setOption(StandardSocketOptions.TCP_NODELAY, plan.requests());
            }
        } catch (IOException failure) {
            Connections.close(channels);
            throw failure;
        }
        if (!plan.requests()) return new TcpTraffic(plan, channels, !plan.reverse(), stop::requested);
        Exchange[] exchanges = new Exchange[channels.length];
        for (int i = 0; i < channels.length; i++) exchanges[i] = new TcpExchange(channels[i]);
        return new RequestTraffic(plan, exchanges, stop::requested);
    }

    private void exchange(Traffic traffic, ClientReport report, double intervalSeconds) throws IOException {
        answer("start");
        CpuTime cpu = new CpuTime();
        report.started(traffic.streams(), cookie);
        traffic.start();
        JsonNode results;
        try (Ticker intervals = Ticker.start(intervalSeconds, report::interval)) {
            results = plan.reverse() ? receive(traffic, intervals) : send(traffic, intervals);
        }
        report.ended(traffic, results, cpu.percent());
    }

    private JsonNode send(Traffic traffic, Ticker intervals) throws IOException {
        traffic.await();
        intervals.close();
        control.send(Rates.object().put("end", true));
        return answer("results");
    }

    /** The server's results say that it has sent all. */
    private JsonNode receive(Traffic traffic, Ticker intervals) throws IOException {
        stop.whenRequested(this::askForTheEnd);
        JsonNode results = answer("results", (int) (plan.seconds() * 1000) + ANSWER_MILLIS);
        intervals.close();
        traffic.drain();
        traffic.await();
        return results;
    }

    private void askForTheEnd() {
        try {
            control.send(Rates.object().put("end", true));
        } catch (IOException gone) {
            Connections.close(control.channel());
        }
    }

    private JsonNode answer(String key) throws IOException {
        return answer(key, ANSWER_MILLIS);
    }

    private JsonNode answer(String key, int timeoutMillis) throws IOException {
        JsonNode message;
        try {
            message = control.receive(timeoutMillis);
        } catch (SocketTimeoutException late) {
            throw new IOException("the server does not answer any more", late);
        }
        if (message.has("error"))
            throw new IOException("the server: " + message.path("error").asText());
        if (!message.has(key)) throw new IOException("the server sent something else than \"" + key + "\"");
        return message.path(key);
    }

    /** The address of this side. */
    String local() {
        return AddressText.of(control.channel().socket().getLocalAddress());
    }

    InetSocketAddress server() {
        return server;
    }

    PerfPlan plan() {
        return plan;
    }

    @Override
    public void close() throws IOException {
        control.close();
    }
}
