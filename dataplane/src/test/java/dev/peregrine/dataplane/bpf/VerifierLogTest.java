package dev.peregrine.dataplane.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class VerifierLogTest {
    @Test
    void keepsTheReasonAndItsInstruction() {
        String log = """
                func#0 @0
                0: R1=ctx() R10=fp0
                0: (61) r2 = *(u32 *)(r1 +76)         ; R1=ctx() R2_w=pkt(r=0)
                1: (71) r0 = *(u8 *)(r2 +0)
                invalid access to packet, off=0 size=1, R2(id=0,off=0,r=0)
                R2 offset is outside of the packet
                processed 2 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0
                """;
        assertEquals(
                "invalid access to packet, off=0 size=1, R2(id=0,off=0,r=0); R2 offset is outside of the packet,"
                        + " at instruction 1: (71) r0 = *(u8 *)(r2 +0)",
                VerifierLog.essence(log));
    }

    @Test
    void aLogWithoutInstructions() {
        assertEquals("unreachable insn 2", VerifierLog.essence("unreachable insn 2\nprocessed 0 insns (limit 1)\n"));
        assertEquals("", VerifierLog.essence(""));
    }
}
