package dev.peregrine.gateway.config;

/** Limits on BUM frames in packets per second; 0 is none. */
public record StormConfig(long broadcast, long unknownUnicast, long multicast) {}
