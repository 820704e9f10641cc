package dev.peregrine.gateway.live.process;

import dev.peregrine.gateway.Main;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** The program, beside a thread that fills the heap once the file is there that the first argument names. */
final class FullHeap {
    private static final int MIB = 1 << 20;

    private FullHeap() {}

    public static void main(String[] arguments) {
        Path sign = Path.of(arguments[0]);
        Thread.ofPlatform().daemon().name("heap").start(() -> fill(sign));
        Main.main(List.of(arguments).subList(1, arguments.length).toArray(String[]::new));
    }

    private static void fill(Path sign) {
        while (!Files.exists(sign)) LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        List<byte[]> held = new ArrayList<>();
        while (held.size() < MIB) held.add(new byte[MIB]);
    }
}
