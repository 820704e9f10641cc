package dev.peregrine.dataplane.endpoint.device;

import dev.peregrine.dataplane.bpf.LoadedProgram;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.linux.tun.Tap;
import dev.peregrine.dataplane.linux.tun.TapBuilder;
import org.jspecify.annotations.Nullable;

/**
 * Keeps each flow of a workload on one queue of its TAP device, by {@link SteeringProgram}. Where BPF is not to be had,
 * the kernel spreads the flows: then a flow may change its queue. Held while the device is made; what the device has of
 * it ends with the device.
 */
public final class QueueSteering implements AutoCloseable {
    private final @Nullable LoadedProgram program;
    private final String obstacle;

    private QueueSteering(@Nullable LoadedProgram program, String obstacle) {
        this.program = program;
        this.obstacle = obstacle;
    }

    /** For a TAP device with that many queues; one queue needs no program. */
    public static QueueSteering of(int queues) {
        if (queues == 1) {
            return new QueueSteering(null, "");
        }
        try {
            return new QueueSteering(LoadedProgram.loadFilter(SteeringProgram.assemble()), "");
        } catch (LinuxException e) {
            return new QueueSteering(null, e.getMessage());
        }
    }

    /** Has the device that is built steered, as far as this can be. */
    public TapBuilder steer(TapBuilder builder) {
        return program == null ? builder : builder.steering(program.fd());
    }

    /** Why there is no program; empty if there is one, or none is wanted. */
    public String obstacle() {
        return obstacle;
    }

    /** Why flows may change their queues of a device that was made with this; empty if none does. */
    public String obstacle(Tap made) {
        return program == null || made.isSteered()
                ? obstacle
                : "this kernel takes no program for the queues of a TAP device: it is older than Linux 4.16";
    }

    @Override
    public void close() {
        if (program != null) {
            program.close();
        }
    }
}
