package dev.peregrine.dataplane.bpf;

/** How many bytes a load or store moves. A load clears the upper bits of the register. */
public enum Width {
    /** 1 byte. */
    BYTE(0x10),
    /** 2 bytes. */
    HALF(0x08),
    /** 4 bytes. */
    WORD(0x00),
    /** 8 bytes. */
    DOUBLE(0x18);

    final int code;

    Width(int code) {
        this.code = code;
    }
}
