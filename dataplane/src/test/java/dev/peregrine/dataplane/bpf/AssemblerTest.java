package dev.peregrine.dataplane.bpf;

import static dev.peregrine.dataplane.bpf.Condition.AT_MOST;
import static dev.peregrine.dataplane.bpf.Condition.EQUAL;
import static dev.peregrine.dataplane.bpf.Condition.NOT_EQUAL;
import static dev.peregrine.dataplane.bpf.Register.R0;
import static dev.peregrine.dataplane.bpf.Register.R1;
import static dev.peregrine.dataplane.bpf.Register.R10;
import static dev.peregrine.dataplane.bpf.Register.R2;
import static dev.peregrine.dataplane.bpf.Register.R6;
import static dev.peregrine.dataplane.bpf.Register.R7;
import static dev.peregrine.dataplane.bpf.Register.R9;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.HexFormat;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Encodings against RFC 9669, by hand: code, registers (source in the high half), offset, immediate. */
class AssemblerTest {
    private static final String EXIT = "95 00 0000 00000000";

    /** The bytes of a program of these instructions and an exit. */
    private static void encodes(Consumer<Assembler> instructions, String... expected) {
        Assembler assembler = new Assembler("test");
        instructions.accept(assembler);
        String hex = HexFormat.of().formatHex(assembler.exit().assemble().bytes());
        assertEquals((String.join("", expected) + EXIT).replace(" ", ""), hex);
    }

    @Test
    void movesAndArithmetic() {
        encodes(a -> a.move(R1, 1), "b7 01 0000 01000000");
        encodes(a -> a.move(R2, -2), "b7 02 0000 feffffff");
        encodes(a -> a.move(R6, R1), "bf 16 0000 00000000");
        encodes(a -> a.move32(R6, R1), "bc 16 0000 00000000");
        encodes(a -> a.move32(R6, 7), "b4 06 0000 07000000");
        encodes(a -> a.add(R2, -4), "07 02 0000 fcffffff");
        encodes(a -> a.add(R2, R1), "0f 12 0000 00000000");
        encodes(a -> a.add32(R2, R1), "0c 12 0000 00000000");
        encodes(a -> a.subtract(R2, 14), "17 02 0000 0e000000");
        encodes(a -> a.subtract(R2, R9), "1f 92 0000 00000000");
        encodes(a -> a.multiply(R2, 3), "27 02 0000 03000000");
        encodes(a -> a.multiply(R2, R1), "2f 12 0000 00000000");
        encodes(a -> a.or(R2, 8), "47 02 0000 08000000");
        encodes(a -> a.or(R2, R1), "4f 12 0000 00000000");
        encodes(a -> a.and(R2, 0xffff), "57 02 0000 ffff0000");
        encodes(a -> a.and(R2, R1), "5f 12 0000 00000000");
        encodes(a -> a.xor(R2, 0xffff), "a7 02 0000 ffff0000");
        encodes(a -> a.xor(R2, R1), "af 12 0000 00000000");
        encodes(a -> a.shiftLeft(R2, 16), "67 02 0000 10000000");
        encodes(a -> a.shiftRight(R2, 16), "77 02 0000 10000000");
    }

    @Test
    void immediatesOf64Bits() {
        encodes(a -> a.move64(R2, 0x1122_3344_5566_7788L), "18 02 0000 88776655", "00 00 0000 44332211");
        encodes(a -> a.move64(R2, 0xffff_ffffL), "18 02 0000 ffffffff", "00 00 0000 00000000");
    }

    @Test
    void memoryByWidth() {
        encodes(a -> a.load(Width.BYTE, R1, R7, 14), "71 71 0e00 00000000");
        encodes(a -> a.load(Width.HALF, R1, R7, 12), "69 71 0c00 00000000");
        encodes(a -> a.load(Width.WORD, R7, R6, SkBuff.DATA), "61 67 4c00 00000000");
        encodes(a -> a.load(Width.DOUBLE, R1, R10, -48), "79 a1 d0ff 00000000");
        encodes(a -> a.store(Width.BYTE, R7, 15, R1), "73 17 0f00 00000000");
        encodes(a -> a.store(Width.HALF, R7, 16, R1), "6b 17 1000 00000000");
        encodes(a -> a.store(Width.WORD, R10, -4, R0), "63 0a fcff 00000000");
        encodes(a -> a.store(Width.DOUBLE, R10, -8, R1), "7b 1a f8ff 00000000");
        encodes(a -> a.store(Width.WORD, R10, -4, 3), "62 0a fcff 03000000");
        encodes(a -> a.store(Width.DOUBLE, R10, -8, -1), "7a 0a f8ff ffffffff");
        encodes(a -> a.addAtomically(Width.DOUBLE, R9, 8, R1), "db 19 0800 00000000");
        encodes(a -> a.addAtomically(Width.WORD, R9, 4, R1), "c3 19 0400 00000000");
        encodes(a -> a.getAndAdd(Width.DOUBLE, R9, 8, R1), "db 19 0800 01000000");
    }

    @Test
    void orderOfBytes() {
        encodes(a -> a.networkOrder(R1, 16), "dc 01 0000 10000000");
        encodes(a -> a.networkOrder(R1, 64), "dc 01 0000 40000000");
        assertEquals(0x0008, Assembler.be16(0x0800));
        assertEquals(0x00ff, Assembler.be16(0xff00));
        assertEquals(0x0000_0008, Assembler.be32(0x0800_0000));
        assertThrows(IllegalArgumentException.class, () -> new Assembler("test").networkOrder(R1, 8));
    }

    @Test
    void jumpsLeadForwardToTheirLabels() {
        Assembler a = new Assembler("test");
        Label out = a.label("out");
        Label end = a.label("end");
        a.jumpIf(R1, NOT_EQUAL, 6, out)
                .jumpIf(R1, AT_MOST, R2, end)
                .jumpIf32(R1, EQUAL, -1, end)
                .jump(out)
                .place(out)
                .place(end)
                .exit();
        assertEquals(
                ("55 01 0300 06000000" + "bd 21 0200 00000000" + "16 01 0100 ffffffff" + "05 00 0000 00000000" + EXIT)
                        .replace(" ", ""),
                HexFormat.of().formatHex(a.assemble().bytes()));
    }

    @Test
    void callsAndVerdicts() {
        encodes(a -> a.call(KernelFunction.REDIRECT_PEER), "85 00 0000 9b000000");
        Program next = new Assembler("test").exit(Verdict.NEXT).assemble();
        assertEquals(
                ("b7 00 0000 ffffffff" + EXIT).replace(" ", ""), HexFormat.of().formatHex(next.bytes()));
        assertEquals(2, next.length());
    }

    @Test
    void refusesWhatTheKernelWouldRefuse() {
        Assembler open = new Assembler("test");
        Label nowhere = open.label("nowhere");
        open.jumpIf(R1, EQUAL, 0, nowhere).exit();
        assertSays("label nowhere is jumped to but not placed", open::assemble);

        Assembler dead = new Assembler("test");
        Label unused = dead.label("unused");
        dead.exit().place(unused);
        assertSays("nothing leads to instruction 1", () -> dead.move(R0, 0));

        Assembler falling = new Assembler("test").move(R0, 0);
        assertSays("goes on behind its last instruction", falling::assemble);

        Assembler back = new Assembler("test");
        Label start = back.label("start");
        back.place(start);
        assertSays("leads backward", () -> back.jump(start));
        assertSays("placed twice", () -> back.place(start));

        assertSays("R10 is the stack", () -> new Assembler("test").move(R10, 0));
        assertSays("offset 40000", () -> new Assembler("test").load(Width.BYTE, R1, R7, 40_000));
        assertSays("atomic addition of a BYTE", () -> new Assembler("test").addAtomically(Width.BYTE, R1, 0, R2));
        assertSays("atomic addition of a HALF", () -> new Assembler("test").getAndAdd(Width.HALF, R1, 0, R2));
        assertSays("no name for a BPF object", () -> new Assembler("sixteen_letters_"));
        assertSays("is not of test", () -> new Assembler("test").place(start));
    }

    private static void assertSays(String part, Runnable action) {
        RuntimeException e = assertThrows(RuntimeException.class, action::run);
        if (!String.valueOf(e.getMessage()).contains(part)) {
            throw new AssertionError("\"" + part + "\" is not in: " + e.getMessage(), e);
        }
    }
}
