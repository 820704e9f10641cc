package dev.peregrine.gateway.command;

import dev.peregrine.dataplane.linux.socket.ConnectedSocket;
import dev.peregrine.dataplane.linux.socket.DatagramAddress;
import dev.peregrine.dataplane.linux.sys.Errno;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the service manager how the gateway is, by datagrams to the socket that {@code NOTIFY_SOCKET} names:
 * sd_notify(3), without its library. Does nothing where there is no service manager. A message that cannot be sent is
 * logged once; the gateway goes on. Any thread.
 */
final class ServiceNotifier implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ServiceNotifier.class);

    /** How long the gateway may go on to end after it has come further: as TimeoutStopSec of the unit. */
    private static final int EXTENSION_SECONDS = 15;

    private static final Duration LOOK = Duration.ofSeconds(1);

    private final @Nullable DatagramAddress manager;
    private final long watchdogMicros;
    private final Duration look;
    private @Nullable ScheduledExecutorService watchdog;
    private @Nullable ScheduledFuture<?> signs;
    private boolean hasFailed;

    private ServiceNotifier(@Nullable DatagramAddress manager, long watchdogMicros, Duration look) {
        this.manager = manager;
        this.watchdogMicros = watchdogMicros;
        this.look = look;
    }

    /** The service manager of a process with these variables. */
    static ServiceNotifier of(Map<String, String> environment) {
        return of(environment, LOOK);
    }

    /** One that looks that often whether a gateway that ends has come further. */
    static ServiceNotifier of(Map<String, String> environment, Duration look) {
        String socket = environment.getOrDefault("NOTIFY_SOCKET", "");
        if (socket.isEmpty()) return new ServiceNotifier(null, 0, look);
        try {
            DatagramAddress manager = socket.startsWith("@")
                    ? DatagramAddress.unixAbstract(socket.substring(1))
                    : DatagramAddress.unix(Path.of(socket));
            return new ServiceNotifier(manager, watchdogMicros(environment), look);
        } catch (IllegalArgumentException wrong) {
            log.warn("NOTIFY_SOCKET: {}; the service manager is not told anything", wrong.getMessage());
            return new ServiceNotifier(null, 0, look);
        }
    }

    /** 0 when nobody watches this process: {@code WATCHDOG_PID} may name another one. */
    private static long watchdogMicros(Map<String, String> environment) {
        String process = environment.getOrDefault("WATCHDOG_PID", "");
        boolean isMeant = process.isEmpty()
                || process.equals(Long.toString(ProcessHandle.current().pid()));
        try {
            return isMeant ? Long.parseLong(environment.getOrDefault("WATCHDOG_USEC", "0")) : 0;
        } catch (NumberFormatException wrong) {
            log.warn("WATCHDOG_USEC: found {}; expected microseconds", environment.get("WATCHDOG_USEC"));
            return 0;
        }
    }

    /** Traffic flows. */
    void ready(String status) {
        send("READY=1\nSTATUS=" + status);
    }

    /** One line that {@code systemctl status} shows. */
    void status(String status) {
        send("STATUS=" + status);
    }

    /**
     * Has the gateway read its file again, as {@link Gateway#hangUp} does, and the manager know from when until when:
     * the control thread does one thing after the other. A gateway that is not ready yet is still starting for the
     * manager.
     */
    void reload(Gateway gateway) {
        boolean isReady = gateway.ready().isDone();
        if (isReady) {
            long micros = TimeUnit.NANOSECONDS.toMicros(System.nanoTime()); // of CLOCK_MONOTONIC, on Linux
            send("RELOADING=1\nMONOTONIC_USEC=" + micros + "\nSTATUS=reading the configuration again");
        }
        gateway.hangUp();
        if (isReady) gateway.controlThread().execute(() -> ready(gateway.summary()));
    }

    /**
     * The gateway has begun to end. While that comes further, as with many devices, the manager is asked for more time.
     */
    void stopping(Gateway gateway) {
        send("STOPPING=1\nSTATUS=draining");
        if (manager == null) return;
        long[] seen = {gateway.liveness().progress()};
        long every = look.toMillis();
        var _ = timer("stopping")
                .scheduleWithFixedDelay(() -> extend(gateway, seen), every, every, TimeUnit.MILLISECONDS);
    }

    private void extend(Gateway gateway, long[] seen) {
        long progress = gateway.liveness().progress();
        if (progress != seen[0]) {
            send("EXTEND_TIMEOUT_USEC=" + TimeUnit.SECONDS.toMicros(EXTENSION_SECONDS));
            seen[0] = progress;
        }
    }

    private static ScheduledExecutorService timer(String name) {
        return Executors.newSingleThreadScheduledExecutor(run -> {
            Thread thread = new Thread(run, name);
            thread.setDaemon(true);
            return thread;
        });
    }

    /**
     * Says several times in each watchdog interval that the gateway works, as long as the {@link Watchdog} finds that
     * it does.
     */
    void watch(Gateway gateway) {
        if (manager == null || watchdogMicros <= 0) return;
        Watchdog asking = new Watchdog(gateway, () -> send("WATCHDOG=1"));
        watchdog = timer("watchdog");
        signs = watchdog.scheduleAtFixedRate(
                asking::ask, 0, Math.max(1, watchdogMicros / Watchdog.ASKS), TimeUnit.MICROSECONDS);
    }

    private synchronized void send(String message) {
        if (manager == null) return;
        try (Arena arena = Arena.ofConfined();
                ConnectedSocket socket = new ConnectedSocket(manager)) {
            byte[] bytes = message.getBytes(StandardCharsets.UTF_8);
            MemorySegment memory = arena.allocate(bytes.length);
            memory.copyFrom(MemorySegment.ofArray(bytes));
            int result = socket.open();
            if (result >= 0) result = socket.send(memory.address(), bytes.length);
            if (result < 0 && !hasFailed) {
                hasFailed = true;
                log.warn("cannot tell the service manager at {}: {}", manager, Errno.text(-result));
            }
        }
    }

    /** The watchdog is not told anything after this. */
    @Override
    public void close() {
        if (signs != null) signs.cancel(false);
        if (watchdog != null) watchdog.shutdownNow();
    }
}
