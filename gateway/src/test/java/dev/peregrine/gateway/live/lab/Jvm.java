package dev.peregrine.gateway.live.lab;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Command lines of JVMs like this one, with the class path of the tests. */
public final class Jvm {
    /** For programs that live for seconds. */
    private static final List<String> SHORT_LIVED =
            List.of(arguments("jvm"), "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx128m");

    private Jvm() {}

    /** The flags in {@code scripts/NAME.args}, as a word of a JVM's command line. */
    public static String arguments(String name) {
        return "@" + Path.of("../scripts", name + ".args").toAbsolutePath().normalize();
    }

    public static List<String> words(Class<?> main, String... arguments) {
        return words(SHORT_LIVED, System.getProperty("java.class.path"), main.getName(), List.of(arguments));
    }

    /** With flags, a class path and a main class of one's own. */
    public static List<String> words(List<String> flags, String classPath, String main, List<String> arguments) {
        List<String> words = new ArrayList<>(List.of(tool("java")));
        words.addAll(flags);
        words.addAll(List.of("-cp", classPath, main));
        words.addAll(arguments);
        return words;
    }

    /** Path of a program of this JDK. */
    public static String tool(String name) {
        return Path.of(System.getProperty("java.home"), "bin", name).toString();
    }
}
