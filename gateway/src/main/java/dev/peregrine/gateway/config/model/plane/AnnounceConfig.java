package dev.peregrine.gateway.config.model.plane;

/**
 * The stations of a VNI that its control planes are told of, beside those that its ports have themselves.
 *
 * @param learned whether MAC addresses learned at local ports are announced
 * @param limit the most of these
 */
public record AnnounceConfig(boolean learned, int limit) {}
