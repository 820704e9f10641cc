package dev.peregrine.gateway.config.schema;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.nodes.Node;

/** YAML texts, read and written in one way. */
public final class Yaml {
    private Yaml() {}

    /** The one document of {@code text}; an empty text is an empty mapping. */
    public static Node read(String text) {
        Compose compose = new Compose(LoadSettings.builder().build());
        return compose.composeString(text).or(() -> compose.composeString("{}")).orElseThrow();
    }

    /** The one document of {@code text} as maps, lists and scalars; an empty text is an empty map. */
    public static Object values(String text) {
        Object read = value(text);
        return read == null ? Map.of() : read;
    }

    /** The content of a text: maps, lists, texts, numbers, flags; null for an empty text. */
    public static @Nullable Object value(String text) {
        return new Load(LoadSettings.builder().build()).loadFromString(text);
    }

    /** A value as {@link ValueType#yaml} has it, in one line. */
    public static String line(Object value) {
        DumpSettings settings = DumpSettings.builder()
                .setDefaultFlowStyle(FlowStyle.FLOW)
                .setWidth(Integer.MAX_VALUE)
                .setDereferenceAliases(true)
                .build();
        return new Dump(settings).dumpToString(value).strip();
    }

    /** A value as {@link ValueType#yaml} has it, in blocks. */
    public static String write(Object value) {
        DumpSettings settings = DumpSettings.builder()
                .setDefaultFlowStyle(FlowStyle.BLOCK)
                .setIndicatorIndent(2)
                .setIndentWithIndicator(true)
                .setDereferenceAliases(true)
                .build();
        return new Dump(settings).dumpToString(value);
    }
}
