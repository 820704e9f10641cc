package dev.peregrine.bench.experiment;

import java.util.Map;

/**
 * One measurement of a case.
 *
 * @param round from 1
 * @param metrics the results, by name
 */
public record Sample(String point, String series, int round, Map<String, Double> metrics) {}
