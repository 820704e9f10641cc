package dev.peregrine.gateway.control.report;

/** The answer to a flush: how many entries or flows it has removed. */
public record Removed(long removed) {}
