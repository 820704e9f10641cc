package dev.peregrine.bench.falcon.model;

import dev.peregrine.dataplane.schedule.Schedule.Pipelined;
import dev.peregrine.dataplane.schedule.Steering;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * The rates that schedules would carry on any number of workers, computed from the time that each device needs and the
 * cost of a hand-off, both measured separately; nothing is fitted.
 *
 * <pre>
 *   serial     1 / sum of s
 *   pipelined  1 / max over workers of (sum of its s + what it gives and takes)
 * </pre>
 *
 * @param receive nanoseconds for a packet that only its receiving worker can spend
 * @param devices nanoseconds for a packet, in the order in which it passes them: underlay, vtep, bridge, port
 * @param give nanoseconds of the giving side of a hand-off
 * @param take nanoseconds of the taking side
 */
public record Model(double receive, Map<String, Double> devices, double give, double take) {
    private static final int FLOWS = 64;
    private static final int DRAWS = 400;
    private static final long SEED = 0x4661_6c63;

    /** Millions of packets of one flow per second, all on one worker. */
    public double serial() {
        return 1e3
                / (receive
                        + devices.values().stream()
                                .mapToDouble(Double::doubleValue)
                                .sum());
    }

    /** Millions of packets of one flow per second, its devices where {@link Placement#spread} puts them. */
    public double spread(int workers) {
        Map<String, Integer> on = new HashMap<>(Placement.workersByDevice(Math.min(workers, 4)));
        on.put("underlay", 0);
        return 1e3 / heaviest(0, on);
    }

    /** Millions of packets of one flow per second, its devices where {@link Placement#split} puts them. */
    public double split(int workers) {
        return 1e3 / heaviest(0, Placement.splitWorkersByDevice(Math.min(workers, 5)));
    }

    private double heaviest(int receiver, Map<String, Integer> workerByDevice) {
        Map<Integer, Double> load = new HashMap<>();
        add(load, receiver, workerByDevice, 1);
        return load.values().stream().mapToDouble(Double::doubleValue).max().orElseThrow();
    }

    /** Adds the nanoseconds that one packet costs each worker. */
    private void add(Map<Integer, Double> load, int receiver, Map<String, Integer> workerByDevice, double packets) {
        int here = receiver;
        load.merge(here, receive * packets, Double::sum);
        for (Map.Entry<String, Double> device : devices.entrySet()) {
            int there = workerByDevice.getOrDefault(device.getKey(), here);
            if (there != here) {
                load.merge(here, give * packets, Double::sum);
                load.merge(there, take * packets, Double::sum);
            }
            load.merge(there, device.getValue() * packets, Double::sum);
            here = there;
        }
    }

    /**
     * Millions of packets per second of 64 equal flows that are received by hash and run to completion where they came
     * in: bounded by the worker that was given most of them. The mean of many draws.
     */
    public double manySerial(int workers) {
        return many(workers, false);
    }

    /** The same with the devices of each flow where Falcon's first choice puts them. */
    public double manyStatic(int workers) {
        return many(workers, true);
    }

    private double many(int workers, boolean steered) {
        SplittableRandom random = new SplittableRandom(SEED);
        double sum = 0;
        for (int draw = 0; draw < DRAWS; draw++) {
            Map<Integer, Double> load = new HashMap<>();
            for (int flow = 0; flow < FLOWS; flow++) {
                int hash = random.nextInt();
                int receiver = random.nextInt(workers);
                add(load, receiver, steered ? steered(hash, receiver, workers) : Map.of(), 1.0 / FLOWS);
            }
            sum += 1e3
                    / load.values().stream()
                            .mapToDouble(Double::doubleValue)
                            .max()
                            .orElseThrow();
        }
        return sum / DRAWS;
    }

    private static Map<String, Integer> steered(int flowHash, int receiver, int workers) {
        Map<String, Integer> on = new LinkedHashMap<>();
        on.put("underlay", receiver);
        Pipelined.DEFAULT_DEVICE_IDS.forEach((device, id) -> {
            if (!device.equals("underlay")) on.put(device, Steering.hash32(flowHash + id) % workers);
        });
        return on;
    }

    /** The numbers of workers that predictions are made for. */
    public static List<Integer> workerCounts() {
        return new ArrayList<>(List.of(1, 2, 3, 4, 5, 8, 16, 32));
    }
}
