package dev.peregrine.bench.experiment;

import dev.peregrine.bench.machine.Noise;
import java.util.Map;

/**
 * One measurement of a case.
 *
 * @param round from 1
 * @param metrics the results, by name
 * @param drops packets lost on the way, by place
 * @param noise the use that others made of the machine meanwhile
 */
public record Sample(
        String point, String series, int round, Map<String, Double> metrics, Map<String, Long> drops, Noise noise) {}
