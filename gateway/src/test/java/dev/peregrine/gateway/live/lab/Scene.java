package dev.peregrine.gateway.live.lab;

import dev.peregrine.testkit.live.Lab;
import dev.peregrine.testkit.live.Underlay;
import java.util.function.Function;

/**
 * A lab with the kernel's VTEP on host A and a gateway on host B that is ready.
 *
 * @param lab closed with the scene
 * @param gateway closed with the scene
 */
public record Scene(Lab lab, GatewayProcess gateway) implements AutoCloseable {

    /**
     * A lab with a gateway in B.
     *
     * @param config what the gateway is configured with: YAML without {@code control}
     */
    public static Scene open(Underlay underlay, Function<Lab, String> config) {
        Lab lab = Lab.create(underlay);
        try {
            lab.kernelVtepA();
            return new Scene(lab, GatewayProcess.start(lab.hB(), config.apply(lab)));
        } catch (Throwable e) {
            lab.close();
            throw e;
        }
    }

    /** With one TAP port in container B. */
    public static Scene open(Underlay underlay) {
        return open(underlay, Lab::gatewayConfigB);
    }

    @Override
    public void close() {
        try (lab) {
            gateway.close();
        }
    }
}
