package dev.peregrine.gateway.control.report.policy;

/** The answer to a change of policy: how many established flows have ended. */
public record PolicyChanged(int ended) {}
