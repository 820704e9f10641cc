package dev.peregrine.testkit.golden;

import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.testkit.MemoryNetwork.Datagram;
import dev.peregrine.testkit.Pcap;
import dev.peregrine.testkit.SimNet;
import dev.peregrine.vxlan.IpAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/** The frames that enter the gateway in each golden case. */
final class Stories {
    static final Map<String, Consumer<Stories>> ALL = new LinkedHashMap<>();

    private static final long MAC_A = 0x0200_0000_000aL;
    private static final long MAC_B = 0x0200_0000_000bL;
    private static final long MAC_R = 0x0200_0000_000cL;
    private static final long I_FLAG = 0x0800_0000_0000_0000L;
    private static final long STEP_NANOS = 1_000_000;
    private static final long AGEING_NANOS = 301_000_000_000L;

    static {
        ALL.put("decap", Stories::decap);
        ALL.put("decap-drops", Stories::decapDrops);
        ALL.put("ecn-decap", Stories::ecnDecap);
        ALL.put("encap", Stories::encap);
        ALL.put("learn-and-age", Stories::learnAndAge);
        ALL.put("tcp-stream", Stories::tcpStream);
        ALL.put("port-drops", Stories::portDrops);
    }

    private final Map<String, List<Pcap.Frame>> frames = new HashMap<>();
    private long nanos = STEP_NANOS;

    /** By the place where they enter. */
    static Map<String, List<Pcap.Frame>> of(String name) {
        Stories story = new Stories();
        Objects.requireNonNull(ALL.get(name)).accept(story);
        return story.frames;
    }

    private void add(String place, byte[] bytes) {
        frames.computeIfAbsent(place, key -> new ArrayList<>()).add(new Pcap.Frame(nanos, bytes));
    }

    private Stories receive(IpAddress from, int tos, long flags, int vni, byte[] inner) {
        byte[] payload = ByteBuffer.allocate(Long.BYTES + inner.length)
                .putLong(flags | (long) vni << 8)
                .put(inner)
                .array();
        return datagram(from, tos, payload);
    }

    private Stories datagram(IpAddress from, int tos, byte[] payload) {
        Datagram datagram = new Datagram(from, GoldenGateway.LOCAL, 50_000, tos, 64, payload);
        add(GoldenGateway.UNDERLAY, Pcap.frame(datagram, SimNet.UDP_PORT));
        return this;
    }

    private Stories receive(byte[] inner) {
        return receive(GoldenGateway.REMOTE, 0, I_FLAG, GoldenGateway.VNI, inner);
    }

    private Stories send(int port, byte[] frame) {
        add("port" + port, frame);
        return this;
    }

    /** Moves the clock: the next frames come later. */
    private Stories later() {
        nanos += STEP_NANOS;
        return this;
    }

    private static FrameBuilder udp(long destination, long source) {
        return FrameBuilder.udp4().macs(destination, source).payload(60);
    }

    private static List<byte[]> kinds(long destination, long source) {
        return List.of(
                udp(destination, source).build(),
                FrameBuilder.udp6().macs(destination, source).payload(60).build(),
                FrameBuilder.tcp4().macs(destination, source).payload(60).build(),
                FrameBuilder.tcp6().macs(destination, source).payload(60).build(),
                FrameBuilder.echo4().macs(destination, source).payload(56).build(),
                FrameBuilder.echo6().macs(destination, source).payload(56).build(),
                FrameBuilder.ethernet(destination, source, 0x88cc, new byte[46]),
                udp(destination, source).padding(12).build(),
                udp(destination, source).ipOptions(new byte[] {1, 1, 1, 0}).build());
    }

    private void decap() {
        for (byte[] frame : kinds(EthernetHeader.BROADCAST, MAC_R)) {
            receive(frame).later();
        }
        receive(
                GoldenGateway.OTHER_REMOTE,
                0,
                I_FLAG,
                GoldenGateway.OTHER_VNI,
                udp(MAC_B, MAC_R).build());
        receive(
                GoldenGateway.REMOTE,
                0,
                I_FLAG | 0xf700_0000_0000_0000L,
                GoldenGateway.VNI,
                udp(MAC_B, MAC_A).build());
    }

    private void decapDrops() {
        byte[] frame = udp(MAC_B, MAC_R).build();
        receive(GoldenGateway.REMOTE, 0, 0, GoldenGateway.VNI, frame).later();
        receive(GoldenGateway.REMOTE, 0, I_FLAG, 99, frame).later();
        receive(GoldenGateway.STRANGER, 0, I_FLAG, GoldenGateway.VNI, frame).later();
        datagram(GoldenGateway.REMOTE, 0, new byte[7]).later();
        receive(new byte[EthernetHeader.LENGTH - 1]).later();
        receive(udp(MAC_B, MAC_R).tag(EthernetHeader.VLAN, 5).build()).later();
        byte[] liar = udp(MAC_B, MAC_R).build();
        liar[EthernetHeader.LENGTH + 2] = 0x7f;
        receive(liar).later();
        receive(udp(MAC_B, MAC_R | 1L << 40).build()).later();
        receive(udp(MAC_R, MAC_R).build());
    }

    private void ecnDecap() {
        for (int inner = 0; inner < 4; inner++) {
            for (int outer = 0; outer < 4; outer++) {
                receive(
                                GoldenGateway.REMOTE,
                                outer,
                                I_FLAG,
                                GoldenGateway.VNI,
                                udp(MAC_B, MAC_R).tos(0xb8 | inner).build())
                        .later();
            }
        }
    }

    private void encap() {
        for (byte[] frame : kinds(EthernetHeader.BROADCAST, MAC_A)) {
            send(0, frame).later();
        }
        for (int tos : new int[] {0x00, 0x01, 0x02, 0x03, 0x14, 0xfc}) {
            send(0, udp(MAC_R, MAC_A).tos(tos).ttl(3).build()).later();
        }
        send(2, udp(MAC_R, MAC_A).build());
    }

    private void learnAndAge() {
        receive(udp(MAC_B, MAC_R).build()).later();
        send(0, udp(MAC_R, MAC_A).build()).later(); // to REMOTE alone
        send(1, udp(MAC_A, MAC_B).build()).later(); // to port 0 alone
        receive(
                        GoldenGateway.OTHER_REMOTE,
                        0,
                        I_FLAG,
                        GoldenGateway.VNI,
                        udp(MAC_B, MAC_R).build())
                .later(); // moves
        send(0, udp(MAC_R, MAC_A).build()).later(); // to OTHER_REMOTE alone
        nanos += AGEING_NANOS;
        send(0, udp(MAC_R, MAC_A).build()); // to all
    }

    /** Segments of one flow at one instant, merged inside: they leave as they came. */
    private void tcpStream() {
        int sequence = 1;
        for (int i = 0; i < 12; i++) {
            int length = i == 11 ? 100 : 1000;
            receive(FrameBuilder.tcp4()
                    .macs(MAC_B, MAC_R)
                    .id(i)
                    .dontFragment()
                    .sequence(sequence)
                    .payload(length)
                    .build());
            sequence += length;
        }
    }

    private void portDrops() {
        send(0, udp(MAC_R, MAC_A).tag(EthernetHeader.VLAN, 5).build()).later();
        send(0, udp(MAC_R, MAC_A).payload(GoldenGateway.MTU).build()).later();
        send(0, udp(MAC_R, 0).build()).later();
        send(0, udp(MAC_B, MAC_A).build()).later();
        send(0, udp(MAC_A, MAC_B).build());
    }
}
