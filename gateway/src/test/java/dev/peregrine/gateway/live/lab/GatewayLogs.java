package dev.peregrine.gateway.live.lab;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Shows beside a failure what the gateways said that ran during it. */
final class GatewayLogs implements AfterEachCallback {
    private static final List<GatewayProcess> SEEN = new ArrayList<>();

    @Override
    public void afterEach(ExtensionContext context) {
        SEEN.addAll(GatewayProcess.takeStarted());
        context.getExecutionException()
                .ifPresent(failure -> SEEN.forEach(gateway -> failure.addSuppressed(new Log(gateway))));
        SEEN.removeIf(gateway -> !gateway.isAlive());
    }

    /** A gateway's output; no failure by itself, and without a stack. */
    private static final class Log extends Throwable {
        private static final long serialVersionUID = 1L;

        Log(GatewayProcess gateway) {
            super(gateway + "\n" + (gateway.isAlive() ? gateway.counters() : ""), null, false, false);
        }
    }
}
