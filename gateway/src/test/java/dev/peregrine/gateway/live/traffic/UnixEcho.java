package dev.peregrine.gateway.live.traffic;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;

/**
 * An application on a Unix datagram socket, which Java has no class for: answers every datagram with its own bytes.
 * A program of its own, to be run on the gateway's host: {@code PATH}.
 */
@SuppressWarnings("restricted")
public // system calls
final class UnixEcho {
    private static final short AF_UNIX = 1;
    private static final int SOCK_DGRAM = 2;
    private static final int ADDRESS_BYTES = 110;
    private static final int MAX_BYTES = 65_536;

    private static final MethodHandle SOCKET = handle("socket", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle BIND = handle("bind", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle RECVFROM =
            handle("recvfrom", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS, ADDRESS);
    private static final MethodHandle SENDTO =
            handle("sendto", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT);

    private UnixEcho() {}

    public static void main(String[] args) throws Throwable {
        Arena arena = Arena.global();
        MemorySegment address = arena.allocate(ADDRESS_BYTES);
        byte[] path = args[0].getBytes(StandardCharsets.UTF_8);
        address.set(JAVA_SHORT, 0, AF_UNIX);
        MemorySegment.copy(path, 0, address, JAVA_BYTE, 2, path.length);
        int socket = (int) SOCKET.invokeExact((int) AF_UNIX, SOCK_DGRAM, 0);
        int bound = (int) BIND.invokeExact(socket, address, 2 + path.length + 1);
        if (bound != 0) throw new IllegalStateException("cannot bind " + args[0]);
        System.out.println("listening");
        echo(socket, arena.allocate(MAX_BYTES), arena.allocate(ADDRESS_BYTES), arena.allocate(JAVA_INT));
    }

    private static void echo(int socket, MemorySegment data, MemorySegment from, MemorySegment length)
            throws Throwable {
        while (true) {
            length.set(JAVA_INT, 0, ADDRESS_BYTES);
            long received = (long) RECVFROM.invokeExact(socket, data, (long) MAX_BYTES, 0, from, length);
            if (received < 0) throw new IllegalStateException("recvfrom failed");
            int fromLength = length.get(JAVA_INT, 0);
            long sent = (long) SENDTO.invokeExact(socket, data, received, 0, from, fromLength);
            if (sent != received) System.out.println("sent " + sent + " of " + received);
        }
    }

    private static MethodHandle handle(String name, MemoryLayout result, MemoryLayout... arguments) {
        Linker linker = Linker.nativeLinker();
        MemorySegment function = linker.defaultLookup().findOrThrow(name);
        return linker.downcallHandle(function, FunctionDescriptor.of(result, arguments));
    }
}
