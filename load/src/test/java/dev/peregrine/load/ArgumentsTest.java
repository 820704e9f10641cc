package dev.peregrine.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.linux.socket.UdpAddress;
import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class ArgumentsTest {
    @ParameterizedTest
    @CsvSource({
        "198.18.0.2, 198.18.0.2, 4789",
        "198.18.0.2:1, 198.18.0.2, 1",
        "fd18::2, fd18::2, 4789",
        "[fd18::2], fd18::2, 4789",
        "[fd18::2]:65535, fd18::2, 65535"
    })
    void readsAddresses(String text, String address, int port) {
        assertEquals(UdpAddress.of(InetAddress.ofLiteral(address), port), Arguments.address(text, 4789));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "host",
                "198.18.0.2:65536",
                "198.18.0.256",
                "[198.18.0.2",
                "1.2.3.4:",
                "fd18::2]:1",
                "5",
                "5000",
                "1.2",
                "198.18.0.2:0",
                "[198.18.0.2]",
                "fe80::1%lo"
            })
    void refusesWhatIsNoAddress(String text) {
        assertThrows(TypeConversionException.class, () -> Arguments.address(text, 4789));
    }

    @Test
    void wantsAPortWhereThereIsNoDefault() {
        assertThrows(TypeConversionException.class, () -> Arguments.address("198.18.0.2", -1));
    }

    @Test
    void saysWhatWasFoundAndExpected() {
        CommandLineRun sink = CommandLineRun.of("sink", "--listen", "5000");
        assertEquals(2, sink.exit());
        assertTrue(
                sink.err()
                        .startsWith("Invalid value for option '--listen': found 5000; expected an address such as"
                                + " 198.18.0.2[:4789] or fd18::2 or [fd18::2]:4789, port 1 to 65535"),
                sink::err);
        CommandLineRun gen = CommandLineRun.of("gen", "--to", "5");
        assertEquals(2, gen.exit());
        assertTrue(gen.err().contains("found 5; expected an address"), gen::err);
        assertEquals(2, CommandLineRun.of("perf", "client", "5").exit());
        assertEquals(2, CommandLineRun.of("perf", "client", "198.19.0.2:5201").exit());
        assertEquals(2, CommandLineRun.of("perf", "server", "--listen", "5201").exit());
    }

    @Test
    void anAddressWithoutAPortHasNone() throws Exception {
        Arguments.Host host = new Arguments.Host();
        assertEquals(InetAddress.ofLiteral("fd18::2"), host.convert("fd18::2"));
        assertThrows(TypeConversionException.class, () -> host.convert("198.18.0.2:80"));
        assertThrows(TypeConversionException.class, () -> host.convert("5"));
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "17, 17", "1.5M, 1500000", "200k, 200000", "2G, 2e9"})
    void readsQuantities(String text, double number) {
        assertEquals(number, Arguments.number(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-1", "1e3", "k", "1Ki", "1,5"})
    void refusesWhatIsNoQuantity(String text) {
        assertThrows(TypeConversionException.class, () -> Arguments.number(text));
    }
}
