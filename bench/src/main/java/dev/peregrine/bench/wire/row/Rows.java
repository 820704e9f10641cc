package dev.peregrine.bench.wire.row;

import java.util.ArrayList;
import java.util.List;

/** The lines of the result. */
public final class Rows {
    /** The rows that every contender can carry. */
    private static final int FIXED_PACKETS_PER_SECOND = 50_000;
    /** More than a gigabit per second. */
    private static final int IPERF3_PACKETS_PER_SECOND = 100_000;

    public static final Row ONE_FLOW_SMALL_GRO = udp(1, 18, true);
    public static final Row ONE_FLOW_LARGE_GRO = udp(1, 1400, true);
    public static final Row ONE_FLOW_SMALL_PLAIN = udp(1, 18, false);
    public static final Row ONE_FLOW_LARGE_PLAIN = udp(1, 1400, false);
    public static final Row MANY_FLOWS_SMALL_GRO = udp(64, 18, true);
    public static final Row LOSS = new LossRow(new Load(1, 1400, IPERF3_PACKETS_PER_SECOND), false).row();
    public static final Row LOSS_REVERSE = new LossRow(new Load(1, 1400, IPERF3_PACKETS_PER_SECOND), true).row();
    public static final Row ONE_STREAM = new TcpRow(1, false).row();
    public static final Row ONE_STREAM_REVERSE = new TcpRow(1, true).row();
    public static final Row COST_SMALL = new UdpRow(new Load(1, 18, FIXED_PACKETS_PER_SECOND), true).row();
    public static final Row COST_LARGE = new UdpRow(new Load(1, 1400, FIXED_PACKETS_PER_SECOND), true).row();
    public static final Row PING = new PingRow().row();

    private Rows() {}

    private static Row udp(int flows, int payloadBytes, boolean gro) {
        return new UdpRow(new Load(flows, payloadBytes, 0), gro).row();
    }

    /** Every line, in the order of the report. */
    public static List<Row> all() {
        List<Row> rows = new ArrayList<>();
        for (int flows : new int[] {1, 8, 64}) {
            for (int payloadBytes : new int[] {18, 512, 1400}) {
                rows.add(udp(flows, payloadBytes, true));
                rows.add(udp(flows, payloadBytes, false));
            }
        }
        rows.add(COST_SMALL);
        rows.add(COST_LARGE);
        rows.add(LOSS);
        rows.add(LOSS_REVERSE);
        for (int streams : new int[] {1, 4}) {
            rows.add(new TcpRow(streams, false).row());
            rows.add(new TcpRow(streams, true).row());
        }
        rows.add(PING);
        rows.add(new RoundTripRow(0).row());
        rows.add(new RoundTripRow(FIXED_PACKETS_PER_SECOND).row());
        return rows;
    }

    /** Those that the most important checks are about. */
    public static List<Row> quick() {
        return List.of(
                ONE_FLOW_SMALL_GRO,
                ONE_FLOW_LARGE_GRO,
                ONE_FLOW_SMALL_PLAIN,
                ONE_FLOW_LARGE_PLAIN,
                MANY_FLOWS_SMALL_GRO,
                LOSS,
                LOSS_REVERSE,
                ONE_STREAM,
                ONE_STREAM_REVERSE,
                PING);
    }
}
