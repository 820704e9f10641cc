package dev.peregrine.gateway.live.lab;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** A test class that needs a {@link Lab}: skipped, with the reason in plain sight, where none can be made. */
@Target({ElementType.TYPE, ElementType.ANNOTATION_TYPE})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith({LiveCondition.class, GatewayLogs.class})
@Tag("live")
@Timeout(90)
public @interface LiveTest {}
