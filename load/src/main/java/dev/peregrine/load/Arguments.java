package dev.peregrine.load;

import dev.peregrine.dataplane.linux.socket.UdpAddress;
import dev.peregrine.gateway.config.value.Addresses;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** How values stand on the command line: addresses, quantities, switches. */
public final class Arguments {
    private static final Pattern NUMBER = Pattern.compile("([0-9]{1,15}(?:\\.[0-9]{1,9})?)([kKMG]?)");

    private Arguments() {}

    /**
     * Reads {@code 198.18.0.2}, {@code 198.18.0.2:4789}, {@code fd18::2} or {@code [fd18::2]:4789}.
     *
     * @param defaultPort the port where none is given, 1 to 65535; -1: one must be given
     */
    public static UdpAddress address(String text, int defaultPort) {
        InetSocketAddress socket =
                defaultPort < 0 ? Addresses.parseSocket(text) : Addresses.parseSocket(text, defaultPort);
        if (socket != null) return UdpAddress.of(socket.getAddress(), socket.getPort());
        String port = defaultPort < 0 ? ":5000" : "[:" + defaultPort + "]";
        String ipv6 = defaultPort < 0 ? "[fd18::2]:5000" : "fd18::2 or [fd18::2]:" + defaultPort;
        throw new TypeConversionException(
                "found %s; expected an address such as 198.18.0.2%s or %s, port 1 to 65535 (a name is not resolved)"
                        .formatted(text, port, ipv6));
    }

    /** Reads a number that may have the unit k, M or G: thousands, not 1024s. */
    public static double number(String text) {
        Matcher matcher = NUMBER.matcher(text);
        if (!matcher.matches()) {
            throw new TypeConversionException("\"" + text + "\" is not a number such as 1000, 1.5M or 200k");
        }
        double unit = switch (matcher.group(2)) {
            case "k", "K" -> 1e3;
            case "M" -> 1e6;
            case "G" -> 1e9;
            default -> 1;
        };
        return Double.parseDouble(matcher.group(1)) * unit;
    }

    /** A whole number, perhaps with a unit. */
    public static final class Count implements ITypeConverter<Long> {
        @Override
        public Long convert(String text) {
            return (long) number(text);
        }
    }

    /** A rate, or {@code max} for 0. */
    public static final class Rate implements ITypeConverter<Double> {
        @Override
        public Double convert(String text) {
            if (text.equals("max")) return 0.0;
            double rate = number(text);
            if (rate > 0) return rate;
            throw new TypeConversionException("a rate is more than 0, or max");
        }
    }

    /** The value of an option with {@code on} and {@code off}; picocli takes a boolean for a flag. */
    public enum Switch {
        ON,
        OFF;

        public boolean isOn() {
            return this == ON;
        }
    }

    /** {@code on} or {@code off}. */
    public static final class OnOff implements ITypeConverter<Switch> {
        @Override
        public Switch convert(String text) {
            return switch (text) {
                case "on" -> Switch.ON;
                case "off" -> Switch.OFF;
                default -> throw new TypeConversionException("\"" + text + "\" is neither on nor off");
            };
        }
    }

    /** Where VXLAN goes to or comes from: the port is 4789 unless given. */
    public static final class Underlay implements ITypeConverter<UdpAddress> {
        @Override
        public UdpAddress convert(String text) {
            return address(text, 4789);
        }
    }

    /** An address without a port. */
    public static final class Host implements ITypeConverter<InetAddress> {
        @Override
        public InetAddress convert(String text) {
            InetAddress address = Addresses.parse(text);
            if (address != null) return address;
            throw new TypeConversionException(
                    "found " + text + "; expected an IPv4 or IPv6 address (a name is not resolved)");
        }
    }
}
