package dev.peregrine.gateway.control.report.policy;

/** The answer to {@code policy show}: a policy as it stands in a configuration file. */
public record PolicyYaml(String policy) {}
