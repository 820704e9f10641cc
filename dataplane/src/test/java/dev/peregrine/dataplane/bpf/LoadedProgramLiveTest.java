package dev.peregrine.dataplane.bpf;

import static dev.peregrine.dataplane.bpf.Condition.ABOVE;
import static dev.peregrine.dataplane.bpf.Condition.EQUAL;
import static dev.peregrine.dataplane.bpf.Register.R0;
import static dev.peregrine.dataplane.bpf.Register.R1;
import static dev.peregrine.dataplane.bpf.Register.R10;
import static dev.peregrine.dataplane.bpf.Register.R2;
import static dev.peregrine.dataplane.bpf.Register.R6;
import static dev.peregrine.dataplane.bpf.Register.R7;
import static dev.peregrine.dataplane.bpf.Register.R8;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.linux.sys.Errno;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.testing.live.Live;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("live")
class LoadedProgramLiveTest {
    private static final int ETHER_TYPE = 12;

    @BeforeAll
    static void bpf() {
        Live.requireBpf();
    }

    private static byte[] frame() {
        byte[] frame = new byte[64];
        frame[ETHER_TYPE] = 0x08;
        return frame;
    }

    /** IPv4 gets other MAC addresses and is redirected to the loopback; the rest goes on. */
    private static Program rewriting() {
        Assembler a = new Assembler("pg_test");
        Label next = a.label("next");
        a.move(R6, R1)
                .load(Width.WORD, R7, R6, SkBuff.DATA)
                .load(Width.WORD, R8, R6, SkBuff.DATA_END)
                .move(R1, R7)
                .add(R1, 14)
                .jumpIf(R1, ABOVE, R8, next)
                .load(Width.HALF, R1, R7, ETHER_TYPE)
                .jumpIf(R1, Condition.NOT_EQUAL, Assembler.be16(0x0800), next)
                .move64(R1, 0x0202_0101_0101_0101L)
                .store(Width.DOUBLE, R7, 0, R1)
                .store(Width.WORD, R7, 8, 0x0202_0202)
                .move(R1, 1)
                .move(R2, 0)
                .call(KernelFunction.REDIRECT)
                .exit();
        return a.place(next).exit(Verdict.NEXT).assemble();
    }

    @Test
    void runsOnOneFrame() throws LinuxException {
        try (LoadedProgram program = LoadedProgram.load(rewriting())) {
            byte[] expected = frame();
            for (int i = 0; i < ETHER_TYPE; i++) {
                expected[i] = (byte) (i < 6 ? 1 : 2);
            }
            TestRun rewritten = program.run(frame());
            assertEquals(Verdict.REDIRECT, rewritten.verdict());
            assertArrayEquals(expected, rewritten.frame());

            byte[] ipv6 = frame();
            ipv6[ETHER_TYPE] = (byte) 0x86;
            ipv6[ETHER_TYPE + 1] = (byte) 0xdd;
            TestRun untouched = program.run(ipv6);
            assertEquals(Verdict.NEXT, untouched.verdict());
            assertArrayEquals(ipv6, untouched.frame());
        }
    }

    @Test
    void seesWhatTheKernelKnowsOfTheFrame() throws LinuxException {
        Program segments = new Assembler("pg_test")
                .load(Width.WORD, R0, R1, SkBuff.GSO_SEGS)
                .load(Width.WORD, R2, R1, SkBuff.MARK)
                .add(R0, R2)
                .exit()
                .assemble();
        try (Arena arena = Arena.ofConfined();
                LoadedProgram program = LoadedProgram.load(segments)) {
            MemorySegment skBuff = arena.allocate(SkBuff.SIZE, 8);
            skBuff.set(JAVA_INT, SkBuff.GSO_SEGS, 40);
            skBuff.set(JAVA_INT, SkBuff.MARK, 2);
            assertEquals(42, program.run(frame(), skBuff).verdict());
            assertEquals(0, program.run(frame()).verdict());
        }
    }

    @Test
    void countsInAMapThatThisProcessReadsInPlace() throws LinuxException {
        try (BpfMap counters = BpfMap.array("pg_counters", 12, 3)) {
            Assembler a = new Assembler("pg_test");
            Label none = a.label("none");
            Program counting = a.store(Width.WORD, R10, -4, 2)
                    .move(R1, counters)
                    .move(R2, R10)
                    .add(R2, -4)
                    .call(KernelFunction.MAP_LOOKUP_ELEM)
                    .jumpIf(R0, EQUAL, 0, none)
                    .move(R1, 5)
                    .addAtomically(Width.DOUBLE, R0, 0, R1)
                    .place(none)
                    .exit(Verdict.PASS)
                    .assemble();
            try (LoadedProgram program = LoadedProgram.load(counting)) {
                program.run(frame());
                program.run(frame());
                assertEquals(16, BpfMap.stride(12));
                assertEquals(10, counters.memory().get(JAVA_LONG, 2L * BpfMap.stride(12)));
                counters.memory().set(JAVA_LONG, 2L * BpfMap.stride(12), 100);
                program.run(frame());
                assertEquals(105, counters.memory().get(JAVA_LONG, 2L * BpfMap.stride(12)));
            }
        }
    }

    @Test
    void saysWhyTheVerifierRefusesAProgram() {
        Program careless = new Assembler("pg_careless")
                .load(Width.WORD, R7, R1, SkBuff.DATA)
                .load(Width.BYTE, R0, R7, 0)
                .exit()
                .assemble();
        LinuxException e = assertThrows(LinuxException.class, () -> LoadedProgram.load(careless));
        assertEquals(Errno.EACCES, e.errno());
        assertTrue(
                e.getMessage().startsWith("bpf PROG_LOAD(pg_careless, 3 instructions): EACCES (permission denied): "),
                e::getMessage);
        assertTrue(e.getMessage().contains("invalid access to packet"), e::getMessage);
        assertTrue(e.getMessage().contains("at instruction 1: (71) r0 = *(u8 *)(r7 +0)"), e::getMessage);
        assertTrue(!e.getMessage().contains("processed"), e::getMessage);
    }
}
