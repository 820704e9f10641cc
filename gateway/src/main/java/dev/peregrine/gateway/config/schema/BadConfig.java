package dev.peregrine.gateway.config.schema;

import java.util.List;
import java.util.stream.Collectors;

/** A configuration that is refused whole, with everything that is wrong with it. */
public final class BadConfig extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient List<ConfigError> errors;

    public BadConfig(List<ConfigError> errors) {
        super(errors.stream().map(ConfigError::toString).collect(Collectors.joining("\n")));
        this.errors = List.copyOf(errors);
    }

    /** In the file's order, at least one. */
    public List<ConfigError> errors() {
        return errors;
    }
}
