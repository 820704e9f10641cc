package dev.peregrine.gateway.fuzz;

import dev.peregrine.dataplane.endpoint.device.VirtioFuzz;
import dev.peregrine.dataplane.endpoint.socket.ReassemblyModel;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** The parts that are fuzzed. Each takes any bytes; it throws when they do harm. */
public enum Target {
    /** An inner frame, through the dissector and everything that relies on it. */
    FRAME(() -> new FrameFuzz()::run),
    /** A frame behind a virtio header, as TAP devices and packet sockets hand it over. */
    VIRTIO(() -> new VirtioFuzz()::run),
    /** Fragments of datagrams to a socket port, against a plain list of them. */
    FRAGMENTS(() -> new ReassemblyModel()::run),
    /** The payload of one UDP datagram, through a whole gateway. */
    DATAGRAM(() -> new GatewayFuzz()::datagram),
    /** A story of datagrams and frames, through a whole gateway. */
    STORY(() -> new GatewayFuzz()::story),
    /** A configuration file. */
    CONFIG(() -> ConfigFuzz::run),
    /** A line at the control socket. */
    CONTROL(() -> dev.peregrine.gateway.control.ControlFuzz::run);

    @SuppressWarnings("ImmutableEnumChecker") // a reference to a constructor
    private final Supplier<Consumer<byte[]>> maker;

    Target(Supplier<Consumer<byte[]>> maker) {
        this.maker = maker;
    }

    /** Ready to take inputs, one after the other, on one thread. */
    public Consumer<byte[]> open() {
        return maker.get();
    }

    /** Also the name of the folder with the kept inputs. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
