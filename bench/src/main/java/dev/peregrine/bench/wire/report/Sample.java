package dev.peregrine.bench.wire.report;

import dev.peregrine.bench.wire.machine.Noise;
import java.util.Map;

/**
 * One measurement.
 *
 * @param row by its id
 * @param contender by its id
 * @param round from 1
 * @param metrics the results, by name
 * @param drops packets lost on the way, by place
 */
public record Sample(
        String mode,
        String row,
        String contender,
        int round,
        Map<String, Double> metrics,
        Map<String, Long> drops,
        Noise noise) {}
