package dev.peregrine.bench.load;

import dev.peregrine.dataplane.linux.UdpAddress;
import java.net.InetAddress;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** How values stand on the command line: addresses, quantities, switches. */
public final class Arguments {
    /** An IPv4 address, or an IPv6 address in brackets; then perhaps a port. Or a bare IPv6 address. */
    private static final Pattern ADDRESS = Pattern.compile("(?:\\[([^]]+)]|([0-9.]+))(?::([0-9]{1,5}))?");

    private static final Pattern NUMBER = Pattern.compile("([0-9]{1,15}(?:\\.[0-9]{1,9})?)([kKMG]?)");

    private Arguments() {}

    /**
     * Reads {@code 198.18.0.2}, {@code 198.18.0.2:4789}, {@code fd18::2} or {@code [fd18::2]:4789}.
     *
     * @param defaultPort the port where none is given; -1: one must be given
     */
    public static UdpAddress address(String text, int defaultPort) {
        Matcher matcher = ADDRESS.matcher(text);
        boolean matches = matcher.matches();
        String host = !matches ? text : matcher.group(1) != null ? matcher.group(1) : matcher.group(2);
        int port = !matches || matcher.group(3) == null ? defaultPort : Integer.parseInt(matcher.group(3));
        try {
            if (port < 0 || port > 0xffff) throw new IllegalArgumentException("no port from 0 to 65535");
            return UdpAddress.of(InetAddress.ofLiteral(host), port);
        } catch (IllegalArgumentException wrong) {
            String port4789 = defaultPort < 0 ? ":5000" : "[:" + defaultPort + "]";
            throw new TypeConversionException(
                    "\"%s\" is not an address such as 198.18.0.2%s or [fd18::2]%s (names are not resolved)"
                            .formatted(text, port4789, port4789));
        }
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

    /** What an option with {@code on} and {@code off} is; picocli takes a boolean for a flag. */
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
            return address(text, 0).address();
        }
    }
}
