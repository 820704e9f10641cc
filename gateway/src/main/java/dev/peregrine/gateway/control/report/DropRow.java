package dev.peregrine.gateway.control.report;

/**
 * A row of {@code drop list}.
 *
 * @param reason the constant's name
 * @param count packets
 * @param text one sentence
 */
public record DropRow(String reason, long count, String text) {}
