package dev.peregrine.testkit;

import dev.peregrine.dataplane.stage.Stage;
import dev.peregrine.vxlan.Segment;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * The parts from which a {@link MemoryGateway} is built.
 *
 * @param segments the segments, whose indices count from 0
 * @param portSegments for each local port the index of its segment
 * @param buffers size of each worker's pool
 * @param queue capacity of every endpoint's and of the underlay's receive queue, in wire packets
 * @param vteps the most remote VTEPs of each kind, configured ones and others
 * @param gro whether the underlay delivers adjacent datagrams of one sender in one buffer
 * @param stages the replacement of each stage, by address; most often the stage itself
 * @param flows capacity of each worker's flow cache; 0 for none, and none of its stages
 * @param workers how many
 * @param suppresses whether ARP and neighbour discovery are suppressed in all segments; decides whether the stage for that
 *     is in the graph
 */
public record GatewayShape(
        List<Segment> segments,
        List<Integer> portSegments,
        int buffers,
        int queue,
        int vteps,
        boolean gro,
        UnaryOperator<Stage> stages,
        int flows,
        int workers,
        boolean suppresses) {
    /** A gateway whose segments suppress nothing. */
    public GatewayShape(
            List<Segment> segments,
            List<Integer> portSegments,
            int buffers,
            int queue,
            int vteps,
            boolean gro,
            UnaryOperator<Stage> stages,
            int flows,
            int workers) {
        this(segments, portSegments, buffers, queue, vteps, gro, stages, flows, workers, false);
    }

    /** A gateway with one worker, without a flow cache. */
    public GatewayShape(
            List<Segment> segments,
            List<Integer> portSegments,
            int buffers,
            int queue,
            int vteps,
            boolean gro,
            UnaryOperator<Stage> stages) {
        this(segments, portSegments, buffers, queue, vteps, gro, stages, 0, 1);
    }

    /** A gateway with room for everything. */
    public static GatewayShape of(List<Segment> segments, List<Integer> portSegments) {
        return new GatewayShape(segments, portSegments, 512, 1 << 16, 64, true, stage -> stage);
    }

    /** The same with a flow cache. */
    public GatewayShape flows(int capacity) {
        return new GatewayShape(
                segments, portSegments, buffers, queue, vteps, gro, stages, capacity, workers, suppresses);
    }

    /** The same with another number of workers. */
    public GatewayShape workers(int count) {
        return new GatewayShape(segments, portSegments, buffers, queue, vteps, gro, stages, flows, count, suppresses);
    }

    /** The same with ARP and neighbour discovery suppressed in all segments. */
    public GatewayShape suppressing() {
        return new GatewayShape(segments, portSegments, buffers, queue, vteps, gro, stages, flows, workers, true);
    }
}
