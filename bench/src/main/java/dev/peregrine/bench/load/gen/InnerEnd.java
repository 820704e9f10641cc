package dev.peregrine.bench.load.gen;

import dev.peregrine.bench.load.Arguments;
import dev.peregrine.dataplane.linux.UdpAddress;
import dev.peregrine.gateway.config.MacAddress;
import java.net.Inet6Address;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** One end of the inner flows: {@code 02:00:00:00:00:02/198.19.0.2:5000}. */
record InnerEnd(MacAddress mac, UdpAddress socket) {

    boolean isIpv6() {
        return socket.address() instanceof Inet6Address;
    }

    byte[] address() {
        return socket.address().getAddress();
    }

    int port() {
        return socket.port();
    }

    @Override
    public String toString() {
        return mac + "/" + socket;
    }

    /** Reads one from the command line. */
    static final class Converter implements ITypeConverter<InnerEnd> {
        @Override
        public InnerEnd convert(String text) {
            int slash = text.indexOf('/');
            @Nullable MacAddress mac = slash < 0 ? null : MacAddress.parse(text.substring(0, slash));
            if (mac == null) {
                throw new TypeConversionException(
                        "\"" + text + "\" is not MAC/IP:port, such as 02:00:00:00:00:02/198.19.0.2:5000");
            }
            UdpAddress socket = Arguments.address(text.substring(slash + 1), -1);
            if (socket.port() == 0) throw new TypeConversionException("the port in \"" + text + "\" is not 1 to 65535");
            return new InnerEnd(mac, socket);
        }
    }
}
