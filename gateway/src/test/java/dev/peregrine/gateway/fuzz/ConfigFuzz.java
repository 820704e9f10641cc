package dev.peregrine.gateway.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.peregrine.gateway.config.ConfigFile;
import dev.peregrine.gateway.config.schema.BadConfig;
import dev.peregrine.gateway.config.schema.ConfigError;

/** Any bytes as a configuration file: it is refused with a reason, or its effective form is accepted again. */
final class ConfigFuzz {
    private ConfigFuzz() {}

    static void run(byte[] data) {
        ConfigFile file;
        try {
            file = ConfigFile.parse("f", new String(data, UTF_8));
        } catch (BadConfig refused) {
            if (refused.errors().isEmpty()) throw new AssertionError("refused without a reason", refused);
            for (ConfigError error : refused.errors())
                if (error.toString().isBlank()) throw new AssertionError("an empty reason", refused);
            return;
        }
        String effective = file.effective();
        try {
            String again = ConfigFile.parse("f", effective).effective();
            if (!again.equals(effective)) throw new AssertionError("not the same again:\n" + effective + "\n" + again);
        } catch (BadConfig refused) {
            throw new AssertionError("refused in its effective form:\n" + effective, refused);
        }
    }
}
