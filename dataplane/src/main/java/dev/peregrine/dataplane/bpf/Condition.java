package dev.peregrine.dataplane.bpf;

/** When a jump is taken: how the left operand compares with the right one. */
public enum Condition {
    EQUAL(0x10),
    NOT_EQUAL(0x50),
    /** Unsigned. */
    ABOVE(0x20),
    /** Unsigned. */
    AT_LEAST(0x30),
    /** Unsigned. */
    BELOW(0xa0),
    /** Unsigned. */
    AT_MOST(0xb0),
    /** Signed: {@code >}. */
    SIGNED_ABOVE(0x60),
    /** Signed: {@code <}. */
    SIGNED_BELOW(0xc0),
    /** They have a bit in common. */
    ANY_BIT(0x40);

    final int code;

    Condition(int code) {
        this.code = code;
    }
}
