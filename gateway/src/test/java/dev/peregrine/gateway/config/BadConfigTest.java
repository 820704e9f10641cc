package dev.peregrine.gateway.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.peregrine.gateway.config.schema.BadConfig;
import dev.peregrine.gateway.config.schema.ConfigError;
import dev.peregrine.gateway.config.schema.Key;
import dev.peregrine.gateway.config.schema.Table;
import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * The files of {@code bad-configs.txt}, and the exact messages that each is refused with. There {@code <keys of TABLE>}
 * stands for the keys of a table, so that a new key changes no message.
 */
class BadConfigTest {

    private record Example(String yaml, String messages) {

        /** A file, a line {@code >>>}, and the messages, each after the name of the file. */
        static Example of(String text) {
            List<String> parts = List.of(text.split(">>>\\n", 2));
            return new Example(parts.get(0), withKeys(parts.get(1)).stripTrailing());
        }

        private static String withKeys(String messages) {
            String whole = messages;
            for (Table<?> table : ConfigurationReferenceTest.TABLES) {
                String title = table.title().isEmpty() ? "the file" : table.title();
                String keys = table.keys().stream().map(Key::name).collect(Collectors.joining(", "));
                whole = whole.replace("<keys of " + title + ">", keys);
            }
            return whole;
        }

        void check() {
            BadConfig bad = assertThrows(BadConfig.class, () -> ConfigFile.parse("f", yaml));
            assertEquals(
                    messages, bad.errors().stream().map(ConfigError::toString).collect(Collectors.joining("\n")));
        }
    }

    @TestFactory
    Stream<DynamicTest> refusesWithTheExactMessages() throws IOException {
        return Stream.of(ConfigFileTest.resource("bad-configs.txt").split("===\n", -1))
                .map(Example::of)
                .map(example -> DynamicTest.dynamicTest(example.messages(), example::check));
    }
}
