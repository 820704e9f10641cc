package dev.peregrine.load.gen;

import dev.peregrine.load.Stamp;
import java.util.Arrays;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * The payload sizes of a flow's datagrams, in bytes: one size, or a cycle of them. {@code imix} is the simple Internet
 * mix, 7 small to 4 medium to 1 large, large ones first so that shorter ones may share their message.
 */
final class PayloadSizes {
    private static final int LARGEST = 65_000;

    private final String name;
    private final int[] cycle;

    private PayloadSizes(String name, int... cycle) {
        this.name = name;
        this.cycle = cycle;
    }

    static PayloadSizes of(int bytes) {
        return new PayloadSizes(Integer.toString(bytes), bytes);
    }

    static PayloadSizes imix() {
        return new PayloadSizes("imix", 1400, 512, 512, 512, 512, 18, 18, 18, 18, 18, 18, 18);
    }

    /** The size of the flow's datagram with this sequence number. */
    int at(long sequence) {
        return cycle.length == 1 ? cycle[0] : cycle[(int) (sequence % cycle.length)];
    }

    int largest() {
        return Arrays.stream(cycle).max().orElseThrow();
    }

    @Override
    public String toString() {
        return name;
    }

    /** Reads it from the command line. */
    static final class Converter implements ITypeConverter<PayloadSizes> {
        @Override
        public PayloadSizes convert(String text) {
            if (text.equals("imix")) return imix();
            int bytes = text.matches("[0-9]{1,5}") ? Integer.parseInt(text) : 0;
            if (bytes < Stamp.LENGTH || bytes > LARGEST) {
                throw new TypeConversionException("\"%s\" is neither imix nor a payload size from %d to %d bytes"
                        .formatted(text, Stamp.LENGTH, LARGEST));
            }
            return of(bytes);
        }
    }
}
