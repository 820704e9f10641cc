package dev.peregrine.gateway.config.schema;

import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * Where the reader stands.
 *
 * @param path of the value, such as {@code vnis[0].fdb}
 * @param around the mapping that the value is in; null at the top
 * @param defaultLine line of the mapping that lacks the key, while its default is read; 0 in the file itself
 */
public record Place(Reading reading, String path, @Nullable Values around, int defaultLine) {
    private static final int MAX_FOUND = 60;

    /** The top of a file. */
    public static Place top(Reading reading) {
        return new Place(reading, "", null, 0);
    }

    Place key(Values mapping, String name, int defaultLine) {
        return new Place(reading, path.isEmpty() ? name : path + "." + name, mapping, defaultLine);
    }

    Place element(int index) {
        return new Place(reading, path + "[" + index + "]", around, defaultLine);
    }

    /** The line of a node, from 1. */
    public int line(Node node) {
        return defaultLine > 0 ? defaultLine : lineOf(node);
    }

    /** Reports that {@code node} is not what was expected. */
    public void mismatch(Node node, String expected) {
        reading.error(line(node), path, describe(node), expected);
    }

    static int lineOf(Node node) {
        return node.getStartMark().map(Mark::getLine).orElse(-1) + 1;
    }

    /** A node as an error message names it. */
    public static String describe(Node node) {
        if (node instanceof MappingNode) return "a mapping";
        if (!(node instanceof ScalarNode scalar)) return "a list";
        if (scalar.getTag().equals(Tag.NULL) && scalar.getScalarStyle() == ScalarStyle.PLAIN) return "nothing";
        String text = scalar.getValue();
        String shown = text.length() <= MAX_FOUND ? text : text.substring(0, MAX_FOUND) + "…";
        shown = shown.replaceAll("\\p{Cntrl}", "?");
        return scalar.getScalarStyle() == ScalarStyle.PLAIN ? shown : "\"" + shown + "\"";
    }
}
