package dev.peregrine.gateway.control.request.change;

import dev.peregrine.gateway.control.Requests;
import org.jspecify.annotations.Nullable;

/**
 * A configuration to compare with.
 *
 * @param config a file's text
 * @param source what messages call it; {@code config} if not given
 */
public record ConfigText(String config, @Nullable String source) {
    public ConfigText {
        Requests.required(config, "config");
    }
}
