package dev.peregrine.dataplane.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.TestTemplate;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContextProvider;

/**
 * A random test, repeated with a {@link Seed} of its own each time: 10 times, or as often as the system property {@code
 * peregrine.seeds} says. Once where {@code peregrine.seed} fixes the seed.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@TestTemplate
@ExtendWith(SeededTest.Repetitions.class)
public @interface SeededTest {
    /** Gives a random test its repetitions. */
    final class Repetitions implements TestTemplateInvocationContextProvider {
        /** Made by JUnit. */
        public Repetitions() {}

        @Override
        public boolean supportsTestTemplate(ExtensionContext context) {
            return true;
        }

        @Override
        public Stream<TestTemplateInvocationContext> provideTestTemplateInvocationContexts(ExtensionContext context) {
            int seeds = Seed.isFixed() ? 1 : Seed.count();
            return IntStream.range(0, seeds).mapToObj(i -> new TestTemplateInvocationContext() {});
        }
    }
}
