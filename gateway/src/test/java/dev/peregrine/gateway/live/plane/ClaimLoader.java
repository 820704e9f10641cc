package dev.peregrine.gateway.live.plane;

import dev.peregrine.gateway.config.value.MacAddress;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;

/**
 * Writes claims of many VTEPs to etcd, from the namespace where it listens: {@code load ETCD VTEPS MACS VNIS},
 * {@code change ETCD VTEPS MACS VNIS PER-SECOND SECONDS} and {@code probe ETCD SOCKET COUNT}, which puts stations one
 * after the other and prints how long each took until the gateway at a control socket had it in its tables.
 * {@code get URL} prints a page.
 */
public final class ClaimLoader {
    private static final String KEYS = "/peregrine/v1/vteps/";

    /** Keys in a transaction, of 128 that etcd takes. */
    private static final int AT_ONCE = 100;

    /** Changes in a transaction. */
    private static final int CHANGES = 10;

    private static final int FIRST_VNI = 1;
    private static final long FIRST_MAC = 0x0200_0000_0000L;
    private static final long FIRST_PROBE = 0x0600_0000_0000L;
    private static final long POLL_NANOS = 200_000;
    private static final long GIVE_UP_NANOS = 10_000_000_000L;

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final String etcd;

    private ClaimLoader(String etcd) {
        this.etcd = etcd;
    }

    public static void main(String[] args) throws Exception {
        ClaimLoader loader = new ClaimLoader(args[1]);
        int[] numbers = Arrays.stream(args)
                .skip(2)
                .filter(arg -> arg.matches("\\d+"))
                .mapToInt(Integer::parseInt)
                .toArray();
        switch (args[0]) {
            case "load" -> loader.load(numbers[0], numbers[1], numbers[2]);
            case "change" -> loader.change(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4]);
            case "probe" -> loader.probe(Path.of(args[2]), numbers[0]);
            case "get" ->
                System.out.println(loader.answer(
                        HttpRequest.newBuilder(URI.create(args[1])).build()));
            default -> throw new IllegalArgumentException(args[0]);
        }
        System.out.println("done");
    }

    private record Put(String key, String value) {}

    static String vtep(int number) {
        return "198.18.%d.%d".formatted(16 + number / 250, 1 + number % 250);
    }

    private static Put station(int vtep, int mac, int macs, int vnis, int sequence) {
        int host = vtep * macs + mac;
        String key = "%s%s/vnis/%d/macs/%s"
                .formatted(KEYS, vtep(vtep), FIRST_VNI + mac % vnis, new MacAddress(FIRST_MAC + host));
        String value =
                "{\"seq\":%d,\"ips\":[\"10.%d.%d.%d\"]}".formatted(sequence, host >> 16, host >> 8 & 255, host & 255);
        return new Put(key, value);
    }

    /** Each VTEP is a member of the VNIs that its stations are in. */
    private void load(int vteps, int macs, int vnis) throws IOException, InterruptedException {
        List<Put> puts = new ArrayList<>();
        for (int vtep = 0; vtep < vteps; vtep++) {
            puts.add(new Put(KEYS + vtep(vtep), "{\"v\":1,\"node\":\"n%d\",\"instance\":\"1\"}".formatted(vtep)));
            for (int vni = 0; vni < Math.min(vnis, macs); vni++) {
                puts.add(new Put(KEYS + vtep(vtep) + "/vnis/" + (FIRST_VNI + vni), "{\"flood\":true}"));
            }
            for (int mac = 0; mac < macs; mac++) puts.add(station(vtep, mac, macs, vnis, 0));
        }
        for (int at = 0; at < puts.size(); at += AT_ONCE) write(puts.subList(at, Math.min(puts.size(), at + AT_ONCE)));
        System.out.println(puts.size() + " keys");
    }

    /** Raises sequences, evenly over time. */
    private void change(int vteps, int macs, int vnis, int perSecond, int seconds)
            throws IOException, InterruptedException {
        long between = 1_000_000_000L * CHANGES / perSecond;
        long next = System.nanoTime();
        int late = 0;
        for (int i = 0; i < perSecond * seconds; ) {
            List<Put> puts = new ArrayList<>();
            for (int end = i + CHANGES; i < end; i++) {
                int station = i % (vteps * macs);
                puts.add(station(
                        station / macs, station % macs, macs, vnis, 1 + i / (vteps * macs) + (int) (next >>> 40)));
            }
            while (System.nanoTime() < next) LockSupport.parkNanos(next - System.nanoTime());
            if (System.nanoTime() - next > 1_000_000_000L) late++;
            write(puts);
            next += between;
        }
        System.out.println("behind by more than a second: " + late);
    }

    private void probe(Path gateway, int count) throws IOException, InterruptedException {
        long[] nanos = new long[count];
        long first = FIRST_PROBE + (System.nanoTime() >>> 20 & 0xffff) * 0x10000;
        for (int i = 0; i < count; i++) {
            long mac = first + i;
            String key = KEYS + vtep(0) + "/vnis/" + FIRST_VNI + "/macs/" + new MacAddress(mac);
            long began = System.nanoTime();
            write(List.of(new Put(key, "{}")));
            while (!wins(gateway, new MacAddress(mac))) {
                if (System.nanoTime() - began > GIVE_UP_NANOS) throw new IOException("not known: " + key);
                LockSupport.parkNanos(POLL_NANOS);
            }
            nanos[i] = System.nanoTime() - began;
        }
        Arrays.sort(nanos);
        System.out.printf(
                Locale.ROOT,
                "%.2f %.2f %.2f%n",
                nanos[count / 2] / 1e6,
                nanos[(int) (count * 0.99)] / 1e6,
                nanos[count - 1] / 1e6);
    }

    /** Asks once, as the command line does, but without its start. */
    private static boolean wins(Path gateway, MacAddress mac) throws IOException {
        String request = "{\"command\":[\"control\",\"claims\"],\"arguments\":{\"mac\":\"" + mac + "\"}}\n";
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(gateway));
            channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.UTF_8)));
            StringBuilder answer = new StringBuilder();
            ByteBuffer in = ByteBuffer.allocate(4096);
            while (answer.isEmpty() || answer.charAt(answer.length() - 1) != '\n') {
                if (channel.read(in.clear()) < 0) throw new EOFException("the gateway hung up");
                answer.append(StandardCharsets.UTF_8.decode(in.flip()));
            }
            if (!answer.toString().contains("\"ok\":true")) throw new IOException(answer.toString());
            return answer.indexOf("\"standing\":\"wins\"") >= 0;
        }
    }

    private void write(List<Put> puts) throws IOException, InterruptedException {
        List<String> operations = new ArrayList<>();
        for (Put put : puts) {
            operations.add(
                    "{\"requestPut\":{\"key\":\"%s\",\"value\":\"%s\"}}".formatted(base64(put.key), base64(put.value)));
        }
        String body = "{\"success\":[" + String.join(",", operations) + "]}";
        answer(HttpRequest.newBuilder(URI.create(etcd + "/v3/kv/txn"))
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build());
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private String answer(HttpRequest request) throws IOException, InterruptedException {
        HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() != 200) throw new IOException(response + ": " + response.body());
        return response.body();
    }
}
