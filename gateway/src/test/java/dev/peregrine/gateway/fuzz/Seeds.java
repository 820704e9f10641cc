package dev.peregrine.gateway.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.peregrine.dataplane.testing.FrameBuilder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/** Well-formed inputs that a search begins with: one of each kind that a target knows. */
final class Seeds {
    private static final long REMOTE_MAC = 0x0200_0000_0001L;
    private static final long LOCAL_MAC = 0x0200_0000_0002L;
    private static final long VXLAN = 0x0800_0000_0000_2a00L;

    private Seeds() {}

    /** Writes all of them, each under its name. */
    static void write(Path folder) throws IOException {
        for (Target target : Target.values()) {
            Path inputs = Files.createDirectories(folder.resolve(target.toString()));
            for (Map.Entry<String, byte[]> seed : of(target).entrySet())
                Files.write(inputs.resolve("seed-" + seed.getKey()), seed.getValue());
        }
    }

    private static Map<String, byte[]> of(Target target) throws IOException {
        Map<String, byte[]> seeds = new LinkedHashMap<>();
        switch (target) {
            case FRAME -> seeds.putAll(frames());
            case VIRTIO -> virtio(seeds);
            case FRAGMENTS -> fragments(seeds);
            case DATAGRAM -> frames().forEach((name, frame) -> seeds.put(name, datagram(frame)));
            case STORY -> stories(seeds);
            case CONFIG -> configs(seeds);
            case CONTROL -> lines(seeds);
        }
        return seeds;
    }

    private static Map<String, byte[]> frames() {
        Map<String, byte[]> frames = new LinkedHashMap<>();
        frames.put("udp4", FrameBuilder.udp4().payload(40).build());
        frames.put("udp6", FrameBuilder.udp6().payload(40).build());
        frames.put(
                "udp4-no-checksum",
                FrameBuilder.udp4().payload(9).zeroChecksum().build());
        frames.put("tcp4", FrameBuilder.tcp4().payload(300).build());
        frames.put(
                "tcp4-partial",
                FrameBuilder.tcp4().payload(300).partialChecksum().build());
        frames.put(
                "tcp6-options",
                FrameBuilder.tcp6()
                        .tcpOptions(new byte[] {1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2})
                        .payload(300)
                        .build());
        frames.put("echo4", FrameBuilder.echo4().payload(56).build());
        frames.put("echo6", FrameBuilder.echo6().payload(56).build());
        frames.put(
                "gre4", FrameBuilder.ip(47, "10.0.0.1", "10.0.0.2").payload(20).build());
        frames.put("arp", FrameBuilder.arp(1, LOCAL_MAC, "198.19.0.1", 0, "198.19.0.2"));
        frames.put("lldp", FrameBuilder.ethernet(0x0180_c200_000eL, LOCAL_MAC, 0x88cc, new byte[40]));
        frames.put("tagged", FrameBuilder.udp4().tag(0x8100, 5).payload(40).build());
        frames.put(
                "tagged-twice",
                FrameBuilder.udp6().tag(0x8100, 5).tag(0x88a8, 6).payload(40).build());
        frames.put(
                "ip4-options",
                FrameBuilder.udp4()
                        .ipOptions(new byte[] {1, 1, 1, 0})
                        .payload(40)
                        .build());
        frames.put(
                "ip4-fragment",
                FrameBuilder.udp4().fragmentBits(0x2000).payload(40).build());
        frames.put(
                "ip6-hop-by-hop",
                FrameBuilder.udp6()
                        .extensions(0, new byte[] {17, 0, 1, 4, 0, 0, 0, 0})
                        .payload(40)
                        .build());
        frames.put(
                "ip6-fragment",
                FrameBuilder.udp6()
                        .extensions(44, new byte[] {17, 0, 0, 1, 0, 0, 0, 9})
                        .payload(40)
                        .build());
        frames.put("padded", FrameBuilder.udp4().payload(1).padding(17).build());
        return frames;
    }

    /** Six bytes a fragment: see {@code ReassemblyModel}. */
    private static void fragments(Map<String, byte[]> seeds) {
        seeds.put("in-order", bytes("010000000011 010000010011 010000020008"));
        seeds.put("last-first", bytes("010000020008 010000010011 010000000011"));
        seeds.put("twice", bytes("010000000011 010000000011 010000010011 010000020008"));
        seeds.put("overlap", bytes("010000000021 010100010021 010000020008"));
        seeds.put("two-senders", bytes("010000000011 050000000011 010000010008 050000010008"));
    }

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }

    private static void virtio(Map<String, byte[]> seeds) {
        seeds.put("plain", virtio(0, 0, 0, 0, 0, FrameBuilder.udp4().payload(40).build()));
        seeds.put(
                "verified",
                virtio(2, 0, 0, 0, 0, FrameBuilder.udp4().payload(40).build()));
        seeds.put(
                "partial",
                virtio(
                        1,
                        0,
                        0,
                        34,
                        6,
                        FrameBuilder.udp4().payload(40).partialChecksum().build()));
        seeds.put(
                "tso4",
                virtio(
                        1,
                        1,
                        500,
                        34,
                        16,
                        FrameBuilder.tcp4().payload(3000).partialChecksum().build()));
        seeds.put(
                "tso6",
                virtio(
                        1,
                        4,
                        500,
                        54,
                        16,
                        FrameBuilder.tcp6().payload(3000).partialChecksum().build()));
        seeds.put(
                "lro4",
                virtio(2, 1, 500, 0, 0, FrameBuilder.tcp4().payload(3000).build()));
        seeds.put(
                "list6-hop-by-hop",
                virtio(
                        0,
                        5,
                        500,
                        0,
                        0,
                        FrameBuilder.udp6()
                                .extensions(0, new byte[] {17, 0, 1, 4, 0, 0, 0, 0})
                                .payload(3000)
                                .build()));
        seeds.put(
                "tso4-tagged",
                virtio(
                        1,
                        0x81,
                        48,
                        38,
                        16,
                        FrameBuilder.tcp4()
                                .tag(0x8100, 5)
                                .payload(3000)
                                .partialChecksum()
                                .build()));
        seeds.put(
                "uso6",
                virtio(
                        1,
                        5,
                        500,
                        54,
                        6,
                        FrameBuilder.udp6().payload(3000).partialChecksum().build()));
    }

    private static byte[] virtio(int flags, int type, int segment, int start, int offset, byte[] frame) {
        return ByteBuffer.allocate(12 + frame.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put((byte) flags)
                .put((byte) type)
                .putShort((short) 0)
                .putShort((short) segment)
                .putShort((short) start)
                .putShort((short) offset)
                .putShort((short) 0)
                .put(frame)
                .array();
    }

    private static byte[] datagram(byte[] frame) {
        return ByteBuffer.allocate(8 + frame.length).putLong(VXLAN).put(frame).array();
    }

    private static void stories(Map<String, byte[]> seeds) {
        var stream = new ByteArrayOutputStream();
        int sequence = 1;
        for (int length : new int[] {500, 500, 500, 100}) {
            FrameBuilder segment = FrameBuilder.tcp4().id(sequence).dontFragment();
            step(stream, 0, datagram(segment.sequence(sequence).payload(length).build()));
            sequence += length;
        }
        seeds.put("stream", stream.toByteArray());
        var datagrams = new ByteArrayOutputStream();
        for (int i = 0; i < 5; i++)
            step(datagrams, 1, datagram(FrameBuilder.udp6().payload(200 - i / 4).build()));
        seeds.put("datagrams", datagrams.toByteArray());
        var talk = new ByteArrayOutputStream();
        for (byte[] frame : frames().values()) {
            step(talk, 0, datagram(frame));
            step(talk, 6 << 5, new byte[0]);
            step(
                    talk,
                    4 << 5,
                    FrameBuilder.udp4().macs(REMOTE_MAC, LOCAL_MAC).payload(50).build());
        }
        seeds.put("talk", talk.toByteArray());
        var ageing = new ByteArrayOutputStream();
        step(ageing, 4 << 5, FrameBuilder.arp(1, LOCAL_MAC, "198.19.0.1", 0, "198.19.0.2"));
        step(ageing, 7 << 5 | 31, new byte[0]);
        step(ageing, 3 << 5, datagram(FrameBuilder.udp4().payload(50).build()));
        seeds.put("ageing", ageing.toByteArray());
    }

    private static void step(ByteArrayOutputStream story, int what, byte[] bytes) {
        story.writeBytes(ByteBuffer.allocate(3)
                .put((byte) what)
                .putShort((short) bytes.length)
                .array());
        story.writeBytes(bytes);
    }

    private static void configs(Map<String, byte[]> seeds) throws IOException {
        try (InputStream all = ConfigFuzz.class.getResourceAsStream("/dev/peregrine/gateway/config/every-key.yaml")) {
            seeds.put("every-key", Objects.requireNonNull(all).readAllBytes());
        }
        seeds.put("least", "underlay: {local: 198.18.0.2}\nvnis: [{vni: 42}]\n".getBytes(UTF_8));
        seeds.put("ports", """
                underlay: {local: "fd18::2", port: 8472, allow: [fd18::/64]}
                vnis:
                  - vni: 0
                    mtu: 1500
                    fdb: [{mac: "02:00:00:00:00:01", vtep: "fd18::1"}]
                    ports:
                      - {name: a, type: tap, device: eth0, netns: x, addresses: [198.19.0.2/24]}
                      - {name: b, type: interface, device: p0}
                      - {name: c, type: socket, listen: "198.19.0.9:9000", deliver: "unix:/run/app.sock"}
                """.getBytes(UTF_8));
    }

    private static void lines(Map<String, byte[]> seeds) {
        seeds.put("status", "{\"command\":[\"status\"]}".getBytes(UTF_8));
        seeds.put("fdb-list", "{\"command\":[\"fdb\",\"list\"],\"arguments\":{\"vni\":42}}".getBytes(UTF_8));
        seeds.put(
                "fdb-add",
                ("{\"command\":[\"fdb\",\"add\"],\"arguments\":{\"mac\":\"02:00:00:00:00:01\",\"vni\":42,"
                                + "\"vtep\":\"198.18.0.1\",\"static\":true}}")
                        .getBytes(UTF_8));
        seeds.put("fdb-flush", "{\"command\":[\"fdb\",\"flush\"],\"arguments\":{\"port\":\"web\"}}".getBytes(UTF_8));
    }
}
