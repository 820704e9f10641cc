package dev.peregrine.gateway.live.lab;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestWatcher;
import org.junit.platform.commons.support.AnnotationSupport;

/**
 * Writes a line for each case that ran, fields separated by tabs (suite, case, variant, outcome, reason), to the file
 * that the system property {@code peregrine.conformance} names; without it, nothing.
 */
final class ConformanceRows implements TestWatcher {
    private static final String FILE = System.getProperty("peregrine.conformance", "");

    @Override
    public void testSuccessful(ExtensionContext context) {
        write(context, "pass", "");
    }

    @Override
    public void testFailed(ExtensionContext context, Throwable cause) {
        write(context, "FAIL", cause.toString());
    }

    @Override
    public void testAborted(ExtensionContext context, Throwable cause) {
        write(context, "skip", String.valueOf(cause.getMessage()));
    }

    @Override
    public void testDisabled(ExtensionContext context, Optional<String> reason) {
        write(context, "skip", reason.orElse(""));
    }

    private static void write(ExtensionContext context, String outcome, String reason) {
        if (FILE.isEmpty()) return;
        String line = String.join(
                "\t",
                suite(context.getRequiredTestClass()),
                caseName(context.getRequiredTestMethod()),
                variant(context),
                outcome,
                reason.lines().findFirst().orElse("").replace('\t', ' '));
        try {
            Files.writeString(Path.of(FILE), line + "\n", UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Of the class, or the one that it is nested in. */
    private static String suite(Class<?> test) {
        for (Class<?> type = test; type != null; type = type.getEnclosingClass()) {
            Conformance suite = type.getAnnotation(Conformance.class);
            if (suite != null) return suite.value();
        }
        return test.getSimpleName();
    }

    private static String caseName(Method test) {
        return AnnotationSupport.findAnnotation(test, DisplayName.class)
                .map(DisplayName::value)
                .orElseGet(() -> words(test.getName()));
    }

    /** The nested class, and the arguments of a parameterized test. */
    private static String variant(ExtensionContext context) {
        Class<?> test = context.getRequiredTestClass();
        String nested = test.getEnclosingClass() == null ? "" : test.getSimpleName();
        String invocation = context.getDisplayName();
        String arguments = invocation.startsWith("[") ? invocation.replaceFirst("^\\[\\d+\\] ", "") : "";
        return (nested + " " + arguments).strip();
    }

    private static String words(String camelCase) {
        return camelCase
                .replaceAll("(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=Of)(?=[0-9])", " ")
                .toLowerCase(java.util.Locale.ROOT);
    }
}
