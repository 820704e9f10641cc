package dev.peregrine.bench.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.peregrine.dataplane.linux.UdpAddress;
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
    @ValueSource(strings = {"", "host", "198.18.0.2:65536", "198.18.0.256", "[198.18.0.2", "1.2.3.4:", "fd18::2]:1"})
    void refusesWhatIsNoAddress(String text) {
        assertThrows(TypeConversionException.class, () -> Arguments.address(text, 4789));
    }

    @Test
    void wantsAPortWhereThereIsNoDefault() {
        assertThrows(TypeConversionException.class, () -> Arguments.address("198.18.0.2", -1));
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
