package dev.peregrine.gateway.live.lab;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A live test class with the cases of a test suite that a trusted VXLAN implementation is held to: {@code
 * scripts/conformance} runs them all and sums them up, {@code docs/conformance.md} lists them.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@LiveTest
@Tag("conformance")
@ExtendWith(ConformanceRows.class)
public @interface Conformance {
    /** The owner of the suite, and its name. */
    String value();
}
