package dev.peregrine.dataplane.bpf;

import static dev.peregrine.dataplane.bpf.Register.R10;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes a program, one method an instruction (RFC 9669).
 *
 * <pre>
 * instruction   0 code (u8)   1 destination (4 bits), source (4 bits)   2 offset (s16)   4 immediate (s32)
 * </pre>
 *
 * <p>Arithmetic is of 64 bits unless the method's name ends in 32; it then clears the upper half. Offsets and
 * immediates are signed and in the host's byte order: bytes of a frame are compared with {@link #be16} and
 * {@link #be32}. Jumps lead forward only, so every program ends. Errors that the kernel would refuse without saying
 * where are refused here: a label without a place, code that nothing leads to, an end that falls through.
 */
public final class Assembler {
    private static final int NAME_LIMIT = 15;

    /** More than any program here has; the kernel takes a million. */
    private static final int CAPACITY = 4096;

    // Classes of instructions, in the low 3 bits of a code.
    private static final int LD = 0x00;
    private static final int LDX = 0x01;
    private static final int ST = 0x02;
    private static final int STX = 0x03;
    private static final int ALU = 0x04;
    private static final int JMP = 0x05;
    private static final int JMP32 = 0x06;
    private static final int ALU64 = 0x07;

    /** The right operand is a register, not an immediate. */
    private static final int X = 0x08;

    private static final int ADD = 0x00;
    private static final int SUB = 0x10;
    private static final int MUL = 0x20;
    private static final int OR = 0x40;
    private static final int AND = 0x50;
    private static final int LSH = 0x60;
    private static final int RSH = 0x70;
    private static final int XOR = 0xa0;
    private static final int MOV = 0xb0;
    private static final int END_TO_BE = 0xd8;
    private static final int MEM = 0x60;
    private static final int ATOMIC = 0xc0;
    private static final int FETCH = 0x01;
    private static final int CALL = 0x80;
    private static final int EXIT = 0x90;
    private static final int PSEUDO_MAP_FD = 1;

    private final String name;
    private final ByteBuffer code =
            ByteBuffer.allocate(CAPACITY * Program.INSTRUCTION_SIZE).order(ByteOrder.nativeOrder());
    private final List<Label> labels = new ArrayList<>();
    /** Whether the next instruction can be reached. */
    private boolean isReached = true;

    /** @param name as the kernel shows it: 1 to 15 letters, digits and underscores */
    public Assembler(String name) {
        this.name = checkName(name);
    }

    static String checkName(String name) {
        boolean isValid = !name.isEmpty()
                && name.length() <= NAME_LIMIT
                && name.chars().allMatch(c -> c == '_' || (c < 0x80 && Character.isLetterOrDigit(c)));
        if (!isValid) {
            throw new IllegalArgumentException(
                    "\"" + name + "\" is no name for a BPF object: 1 to 15 letters, digits and underscores");
        }
        return name;
    }

    /** A number of 16 bits as a load of a {@link Width#HALF} in network order gives it. */
    public static int be16(int value) {
        return Short.toUnsignedInt(Short.reverseBytes((short) value));
    }

    /** A number of 32 bits as a load of a {@link Width#WORD} in network order gives it. */
    public static int be32(int value) {
        return Integer.reverseBytes(value);
    }

    // Moves and arithmetic.

    /** {@code to = from}. */
    public Assembler move(Register to, Register from) {
        return alu(ALU64 | MOV | X, to, from, 0);
    }

    /** {@code to = value}, with the sign extended. */
    public Assembler move(Register to, int value) {
        return alu(ALU64 | MOV, to, value);
    }

    /** {@code to = value}, all 64 bits: takes the room of two instructions. */
    public Assembler move64(Register to, long value) {
        return wide(to, 0, value);
    }

    /** {@code to} = the lower half of {@code from}. */
    public Assembler move32(Register to, Register from) {
        return alu(ALU | MOV | X, to, from, 0);
    }

    /** {@code to} = the lower 32 bits {@code value}, without a sign. */
    public Assembler move32(Register to, int value) {
        return alu(ALU | MOV, to, value);
    }

    /** {@code to} = the map, as calls take it in {@link Register#R1}. */
    public Assembler move(Register to, BpfMap map) {
        return wide(to, PSEUDO_MAP_FD, map.fd());
    }

    /** {@code to += value}. */
    public Assembler add(Register to, int value) {
        return alu(ALU64 | ADD, to, value);
    }

    /** {@code to += from}. */
    public Assembler add(Register to, Register from) {
        return alu(ALU64 | ADD | X, to, from, 0);
    }

    /** {@code to -= value}. */
    public Assembler subtract(Register to, int value) {
        return alu(ALU64 | SUB, to, value);
    }

    /** {@code to -= from}. */
    public Assembler subtract(Register to, Register from) {
        return alu(ALU64 | SUB | X, to, from, 0);
    }

    /** {@code to *= value}. */
    public Assembler multiply(Register to, int value) {
        return alu(ALU64 | MUL, to, value);
    }

    /** {@code to *= from}. */
    public Assembler multiply(Register to, Register from) {
        return alu(ALU64 | MUL | X, to, from, 0);
    }

    /** {@code to &= value}, with the sign extended. */
    public Assembler and(Register to, int value) {
        return alu(ALU64 | AND, to, value);
    }

    /** {@code to &= from}. */
    public Assembler and(Register to, Register from) {
        return alu(ALU64 | AND | X, to, from, 0);
    }

    /** {@code to |= value}, with the sign extended. */
    public Assembler or(Register to, int value) {
        return alu(ALU64 | OR, to, value);
    }

    /** {@code to |= from}. */
    public Assembler or(Register to, Register from) {
        return alu(ALU64 | OR | X, to, from, 0);
    }

    /** {@code to ^= value}, with the sign extended. */
    public Assembler xor(Register to, int value) {
        return alu(ALU64 | XOR, to, value);
    }

    /** {@code to ^= from}. */
    public Assembler xor(Register to, Register from) {
        return alu(ALU64 | XOR | X, to, from, 0);
    }

    /** {@code to <<= bits}. */
    public Assembler shiftLeft(Register to, int bits) {
        return alu(ALU64 | LSH, to, bits);
    }

    /** {@code to >>>= bits}: zeros come in. */
    public Assembler shiftRight(Register to, int bits) {
        return alu(ALU64 | RSH, to, bits);
    }

    /** The lower half: {@code to += from}; the upper half is 0 afterwards. */
    public Assembler add32(Register to, Register from) {
        return alu(ALU | ADD | X, to, from, 0);
    }

    /**
     * Between network order and the host's, either way, of the lower {@code bits} bits; the others are 0 afterwards.
     *
     * @param bits 16, 32 or 64
     */
    public Assembler networkOrder(Register register, int bits) {
        if (bits != 16 && bits != 32 && bits != 64) {
            throw new IllegalArgumentException("the order of " + bits + " bits: only 16, 32 and 64 have one");
        }
        return alu(ALU | END_TO_BE, register, bits);
    }

    // Memory.

    /** {@code to = base[offset]}. */
    public Assembler load(Width width, Register to, Register base, int offset) {
        return emit(LDX | MEM | width.code, writable(to), base, offset, 0);
    }

    /** {@code base[offset] = from}. */
    public Assembler store(Width width, Register base, int offset, Register from) {
        return emit(STX | MEM | width.code, base, from, offset, 0);
    }

    /** {@code base[offset] = value}, of 8 bytes with the sign extended. */
    public Assembler store(Width width, Register base, int offset, int value) {
        return emit(ST | MEM | width.code, base, Register.R0, offset, value);
    }

    /**
     * {@code base[offset] += from}, atomically: for counters that several CPUs write.
     *
     * @param width {@link Width#WORD} or {@link Width#DOUBLE}
     */
    public Assembler addAtomically(Width width, Register base, int offset, Register from) {
        return atomic(width, base, offset, from, ADD);
    }

    /**
     * As {@link #addAtomically}, and {@code from} gets what was there before. A full barrier: what the program did
     * before is seen before what it does afterwards, by all CPUs (Linux 5.12).
     */
    public Assembler getAndAdd(Width width, Register base, int offset, Register from) {
        return atomic(width, base, offset, writable(from), ADD | FETCH);
    }

    private Assembler atomic(Width width, Register base, int offset, Register from, int operation) {
        if (width != Width.WORD && width != Width.DOUBLE) {
            throw new IllegalArgumentException("atomic addition of a " + width + ": only of WORD and DOUBLE");
        }
        return emit(STX | ATOMIC | width.code, base, from, offset, operation);
    }

    // Jumps, calls and the end.

    /** A label of this program, to be {@linkplain #place placed} once. */
    public Label label(String label) {
        Label made = new Label(label);
        labels.add(made);
        return made;
    }

    /** The label means the next instruction. */
    public Assembler place(Label label) {
        if (!labels.contains(label)) {
            throw new IllegalArgumentException("label " + label + " is not of " + name);
        }
        if (label.isPlaced) {
            throw new IllegalStateException(name + ": label " + label + " is placed twice");
        }
        label.isPlaced = true;
        isReached |= label.isUsed();
        for (int jump : label.jumps) {
            int distance = position() - jump - 1;
            code.putShort(jump * Program.INSTRUCTION_SIZE + 2, (short) checkOffset(distance));
        }
        return this;
    }

    /** Goes on at the label. */
    public Assembler jump(Label to) {
        emitJump(JMP, Register.R0, Register.R0, 0, to);
        isReached = false;
        return this;
    }

    /** Goes on at the label if the register compares so with the value, whose sign is extended. */
    public Assembler jumpIf(Register left, Condition condition, int right, Label to) {
        return emitJump(JMP | condition.code, left, Register.R0, right, to);
    }

    /** Goes on at the label if the registers compare so. */
    public Assembler jumpIf(Register left, Condition condition, Register right, Label to) {
        return emitJump(JMP | condition.code | X, left, right, 0, to);
    }

    /** As {@link #jumpIf(Register, Condition, int, Label)}, of the lower halves. */
    public Assembler jumpIf32(Register left, Condition condition, int right, Label to) {
        return emitJump(JMP32 | condition.code, left, Register.R0, right, to);
    }

    /** Calls a function: arguments in R1 to R5, result in R0. */
    public Assembler call(KernelFunction function) {
        return emit(JMP | CALL, Register.R0, Register.R0, 0, function.number);
    }

    /** Ends with the {@link Verdict} that is in R0. */
    public Assembler exit() {
        emit(JMP | EXIT, Register.R0, Register.R0, 0, 0);
        isReached = false;
        return this;
    }

    /** Ends with a {@link Verdict}. */
    public Assembler exit(int verdict) {
        return move(Register.R0, verdict).exit();
    }

    /** The program as it is now. */
    public Program assemble() {
        for (Label label : labels) {
            if (label.isUsed() && !label.isPlaced) {
                throw new IllegalStateException(name + ": label " + label + " is jumped to but not placed");
            }
        }
        if (isReached) {
            throw new IllegalStateException(name + " goes on behind its last instruction: end it with exit");
        }
        byte[] bytes = new byte[code.position()];
        code.get(0, bytes);
        return new Program(name, bytes);
    }

    private int position() {
        return code.position() / Program.INSTRUCTION_SIZE;
    }

    private Assembler alu(int opcode, Register to, int value) {
        return alu(opcode, to, Register.R0, value);
    }

    private Assembler alu(int opcode, Register to, Register from, int value) {
        return emit(opcode, writable(to), from, 0, value);
    }

    private Assembler wide(Register to, int kind, long value) {
        emit(LD | Width.DOUBLE.code, writable(to).number, kind, 0, (int) value);
        return emit(0, 0, 0, 0, (int) (value >>> 32));
    }

    private Assembler emitJump(int opcode, Register left, Register right, int value, Label to) {
        if (!labels.contains(to) || to.isPlaced) {
            throw new IllegalArgumentException(
                    name + ": a jump to label " + to + (to.isPlaced ? " leads backward" : ", which is not of it"));
        }
        to.jumps.add(position());
        return emit(opcode, left, right, 0, value);
    }

    private Assembler emit(int opcode, Register to, Register from, int offset, int value) {
        return emit(opcode, to.number, from.number, checkOffset(offset), value);
    }

    private Assembler emit(int opcode, int to, int from, int offset, int value) {
        if (!isReached) {
            throw new IllegalStateException(
                    name + ": nothing leads to instruction " + position() + ": place a label that is used before it");
        }
        if (code.remaining() < Program.INSTRUCTION_SIZE) {
            throw new IllegalStateException(name + " has more than " + CAPACITY + " instructions");
        }
        code.put((byte) opcode)
                .put((byte) (to | from << 4))
                .putShort((short) offset)
                .putInt(value);
        return this;
    }

    private int checkOffset(int offset) {
        if (offset != (short) offset) {
            throw new IllegalArgumentException(name + ": offset " + offset + " is not within -32768 to 32767");
        }
        return offset;
    }

    private Register writable(Register to) {
        if (to == R10) {
            throw new IllegalArgumentException(name + ": R10 is the stack and cannot be written");
        }
        return to;
    }
}
