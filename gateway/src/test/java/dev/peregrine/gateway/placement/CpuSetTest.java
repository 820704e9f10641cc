package dev.peregrine.gateway.placement;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CpuSetTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0 | 0",
                "0-3 | 0-3",
                "0,1,2 | 0-2",
                "0-1,8,10-11 | 0-1,8,10-11",
                "'3\n' | 3",
                "8191 | 8191",
                "'' | ''"
            })
    void listsAreReadAsTheKernelWritesThem(String text, String expected) {
        assertEquals(expected, CpuSet.parseList(text).orElseThrow().toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "1-", "-1", "3-1", "0,,1", "8192", "99999999999", "0-8192"})
    void otherListsAreNotRead(String text) {
        assertEquals(Optional.empty(), CpuSet.parseList(text));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0 | ''",
                "3 | 0-1",
                "f0 | 4-7",
                "'00000001,00000000' | 32",
                "'80000000,00000000,00000001\n' | 0,95",
                "'ffffffff,ffffffff' | 0-63"
            })
    void masksAreReadAsTheKernelWritesThem(String text, String expected) {
        assertEquals(expected, CpuSet.parseMask(text).orElseThrow().toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "0x3", "123456789", "1,,2"})
    void otherMasksAreNotRead(String text) {
        assertEquals(Optional.empty(), CpuSet.parseMask(text));
    }

    @Test
    void setsAreValues() {
        CpuSet set = CpuSet.of(1, 2);
        assertEquals(CpuSet.of(1, 2, 5), set.with(CpuSet.of(5)));
        assertEquals(CpuSet.of(2, 1), set);
        assertFalse(set.containsAll(CpuSet.of(2, 3)));
    }
}
