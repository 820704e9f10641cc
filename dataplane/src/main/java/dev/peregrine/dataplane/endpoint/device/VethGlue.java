package dev.peregrine.dataplane.endpoint.device;

import static dev.peregrine.dataplane.bpf.Condition.ABOVE;
import static dev.peregrine.dataplane.bpf.Condition.NOT_EQUAL;
import static dev.peregrine.dataplane.bpf.Register.R1;
import static dev.peregrine.dataplane.bpf.Register.R2;
import static dev.peregrine.dataplane.bpf.Register.R6;
import static dev.peregrine.dataplane.bpf.Register.R7;
import static dev.peregrine.dataplane.bpf.Register.R8;

import dev.peregrine.dataplane.bpf.Assembler;
import dev.peregrine.dataplane.bpf.Attachment;
import dev.peregrine.dataplane.bpf.Attachment.Place;
import dev.peregrine.dataplane.bpf.Hook;
import dev.peregrine.dataplane.bpf.KernelFunction;
import dev.peregrine.dataplane.bpf.Label;
import dev.peregrine.dataplane.bpf.LoadedProgram;
import dev.peregrine.dataplane.bpf.Program;
import dev.peregrine.dataplane.bpf.SkBuff;
import dev.peregrine.dataplane.bpf.Width;
import dev.peregrine.dataplane.linux.sys.LinuxException;

/**
 * Two programs that join a TAP device and a veth pair, so that reading and writing the TAP is reading what the workload
 * sends and writing what it receives. Superframes and partial checksums pass as they are.
 *
 * <pre>
 *   workload's end ══► host end ─ingress: to the TAP──────► TAP ══► read by the gateway
 *   workload's end ◄── for its MAC, at once ───ingress─┐
 *   workload's end ◄══ host end ◄── for all others ────┴─── TAP ◄══ written by the gateway
 * </pre>
 *
 * <p>A frame for the workload's MAC address enters the workload's namespace in the same system call that writes it. The
 * kernel takes such a frame for one that is addressed to the interface, whatever its destination; so group addresses
 * and the MAC addresses of others take the way through the pair, where the kernel looks whose they are.
 */
final class VethGlue implements AutoCloseable {
    private static final int ETHERNET_HEADER = 14;
    private static final int MAC_BITS = 48;
    private static final int PACKET_HOST = 0;

    private final Attachment toTap;
    private final Attachment toWorkload;

    private VethGlue(Attachment toTap, Attachment toWorkload) {
        this.toTap = toTap;
        this.toWorkload = toWorkload;
    }

    /**
     * Joins two interfaces of the calling thread's network namespace.
     *
     * @param tap number of the TAP device
     * @param host number of the host end
     * @param toWorkload see {@link #toWorkload} and {@link #throughPair}
     */
    static VethGlue attach(int tap, int host, Program toWorkload) throws LinuxException {
        try (LoadedProgram up = LoadedProgram.load(toTap(tap));
                LoadedProgram down = LoadedProgram.load(toWorkload)) {
            Attachment first = Attachment.attach(up, host, Hook.INGRESS, Place.LAST);
            try {
                return new VethGlue(first, Attachment.attach(down, tap, Hook.INGRESS, Place.LAST));
            } catch (LinuxException e) {
                first.close();
                throw e;
            }
        }
    }

    /** All frames leave by the TAP: its reader gets them. */
    static Program toTap(int tap) {
        return new Assembler("pg_to_tap")
                .move(R1, tap)
                .move(R2, 0)
                .call(KernelFunction.REDIRECT)
                .exit()
                .assemble();
    }

    /** For a workload in the gateway's own namespace, into which no frame can be moved: all frames take the pair. */
    static Program throughPair(int host) {
        return new Assembler("pg_to_pair")
                .move(R1, host)
                .move(R2, 0)
                .call(KernelFunction.REDIRECT)
                .exit()
                .assemble();
    }

    /**
     * For a workload in another namespace.
     *
     * @param mac its MAC address: 48 bits, the first octet highest
     */
    static Program toWorkload(int host, long mac) {
        Assembler a = new Assembler("pg_to_workload");
        Label pair = a.label("pair");
        a.move(R6, R1)
                .load(Width.WORD, R7, R6, SkBuff.DATA)
                .load(Width.WORD, R8, R6, SkBuff.DATA_END)
                .move(R1, R7)
                .add(R1, ETHERNET_HEADER)
                .jumpIf(R1, ABOVE, R8, pair)
                .load(Width.DOUBLE, R1, R7, 0)
                .shiftLeft(R1, Long.SIZE - MAC_BITS) // the first octet is the lowest
                .move64(R2, Long.reverseBytes(mac))
                .jumpIf(R1, NOT_EQUAL, R2, pair);
        a.move(R1, R6) // Linux before 6.15 leaves it as it was at the TAP, whose MAC address is another one
                .move(R2, PACKET_HOST)
                .call(KernelFunction.SKB_CHANGE_TYPE)
                .move(R1, host)
                .move(R2, 0)
                .call(KernelFunction.REDIRECT_PEER)
                .exit();
        return a.place(pair)
                .move(R1, host)
                .move(R2, 0)
                .call(KernelFunction.REDIRECT)
                .exit()
                .assemble();
    }

    @Override
    public void close() {
        toTap.close();
        toWorkload.close();
    }
}
