package dev.peregrine.gateway.control.request;

import org.jspecify.annotations.Nullable;

/**
 * The flows whose ways through the workers are asked for.
 *
 * @param flow a flow hash as the user has written it, in hexadecimal digits; null: some flows
 */
public record SteeringFilter(@Nullable String flow) {}
