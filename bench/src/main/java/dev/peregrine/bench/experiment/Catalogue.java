package dev.peregrine.bench.experiment;

import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;

/** All experiments: service providers, in the order of their file. */
final class Catalogue {
    private Catalogue() {}

    static List<Experiment> all() {
        return ServiceLoader.load(Experiment.class).stream()
                .map(ServiceLoader.Provider::get)
                .toList();
    }

    /** By name, in upper or lower case. */
    static Optional<Experiment> find(String name) {
        return all().stream()
                .filter(experiment -> experiment.name().equalsIgnoreCase(name))
                .findAny();
    }
}
