package dev.peregrine.load;

import dev.peregrine.dataplane.linux.socket.UdpAddress;
import dev.peregrine.gateway.config.value.MacAddress;
import java.net.Inet6Address;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** One end of the inner flows: {@code 02:00:00:00:00:02/198.19.0.2:5000}. */
public record InnerEnd(MacAddress mac, UdpAddress socket) {

    /** Whether the address is an IPv6 address. */
    public boolean isIpv6() {
        return socket.address() instanceof Inet6Address;
    }

    /** The address in network byte order. */
    public byte[] address() {
        return socket.address().getAddress();
    }

    /** The UDP port. */
    public int port() {
        return socket.port();
    }

    @Override
    public String toString() {
        return mac + "/" + socket;
    }

    /** Reads one from the command line. */
    public static final class Converter implements ITypeConverter<InnerEnd> {
        @Override
        public InnerEnd convert(String text) {
            int slash = text.indexOf('/');
            @Nullable MacAddress mac = slash < 0 ? null : MacAddress.parse(text.substring(0, slash));
            if (mac == null) {
                throw new TypeConversionException(
                        "found " + text + "; expected MAC/IP:PORT, such as 02:00:00:00:00:02/198.19.0.2:5000");
            }
            return new InnerEnd(mac, Arguments.address(text.substring(slash + 1), -1));
        }
    }
}
