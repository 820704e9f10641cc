package dev.peregrine.dataplane.endpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.linux.sys.Epoll;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.testing.Packets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The behaviour of every {@link Endpoint}. A subclass says what one is made of, and with which workload behind it. */
@SuppressWarnings("NullAway.Init") // set before each test
public abstract class EndpointContract {
    private static final int BUFFERS = 128;
    private static final int MIN_HEADROOM = 64;
    private static final int RANDOM_FRAMES = 2_000;
    private static final long DEADLINE_NANOS = 5_000_000_000L;

    protected PacketPool pool;
    protected DropCounters drops;
    private World world;
    private Endpoint endpoint;

    /** An endpoint and its workload, which exchange numbered frames. */
    public interface World extends AutoCloseable {
        /** The endpoint, which only the world closes. */
        Endpoint endpoint();

        /** A frame that the endpoint delivers. */
        byte[] frame(int number);

        /** The number of the next frame that the workload got, and forgets; -1 when there is none now. */
        int received();

        /** Makes the workload send a frame. */
        void send(int number);

        /** The number of a frame that came out; -1 for what the workload did not send by {@link #send}. */
        int number(byte[] frame);

        /** Takes the device away and waits until that is done; false where it cannot go. */
        default boolean takeAway() {
            return false;
        }

        @Override
        void close();
    }

    /** Makes an endpoint and its workload. */
    protected abstract World world(PacketPool pool, DropCounters drops) throws Exception;

    @BeforeEach
    final void begin() throws Exception {
        pool = new PacketPool(BUFFERS, BUFFERS);
        drops = new DropCounters();
        world = world(pool, drops);
        endpoint = world.endpoint();
    }

    @AfterEach
    final void end() {
        if (world != null) {
            world.close();
            assertTrue(pool.isFull(), () -> "the closed endpoint holds packets: " + pool.available() + " are free");
        }
        pool.close();
    }

    /** Waits until something is so. */
    public static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + DEADLINE_NANOS;
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, () -> "waited 5 s for " + what);
            Thread.onSpinWait();
        }
    }

    private Batch frames(int first, int count) {
        byte[][] frames =
                IntStream.range(first, first + count).mapToObj(world::frame).toArray(byte[][]::new);
        return Frames.batch(pool, frames);
    }

    /** Waits for frames from the workload and releases them; returns their numbers. */
    private List<Integer> pollNumbers(int count) {
        List<Integer> numbers = new ArrayList<>();
        Batch batch = new Batch();
        await(count + " frames", () -> {
            endpoint.poll(batch);
            for (int i = 0; i < batch.size(); i++) {
                int number = world.number(Packets.bytes(batch.packet(i)));
                if (number >= 0) {
                    numbers.add(number);
                }
            }
            batch.release();
            return numbers.size() >= count;
        });
        return numbers;
    }

    private void drain() {
        Batch batch = new Batch();
        while (endpoint.poll(batch) > 0) {
            batch.release();
        }
    }

    private static List<Integer> range(int count) {
        return IntStream.range(0, count).boxed().toList();
    }

    @Test
    void deliversFramesInOrderAndEmptiesTheBatch() {
        List<Integer> received = new ArrayList<>();
        for (int first = 0; first < 40; first += 8) {
            Batch batch = frames(first, 8);
            endpoint.accept(batch);
            assertTrue(batch.isEmpty());
            int expected = first + 8;
            await("8 frames at the workload", () -> {
                int number = world.received();
                if (number >= 0) {
                    received.add(number);
                }
                return received.size() == expected;
            });
        }
        assertEquals(range(40), received);
        assertEquals(0, drops.total());
    }

    @Test
    void givesFramesInOrder() {
        for (int i = 0; i < 40; i++) {
            world.send(i);
        }
        assertEquals(range(40), pollNumbers(40));
    }

    @Test
    void givesDissectedFramesWithRoomForEncapsulation() {
        drain();
        world.send(7);
        Batch batch = new Batch();
        await("a frame", () -> endpoint.poll(batch) > 0);
        Packet packet = batch.packet(0);
        assertEquals(7, world.number(Packets.bytes(packet)));
        assertTrue(packet.headroom() >= MIN_HEADROOM, () -> "headroom " + packet.headroom());
        assertEquals(0x0800, packet.etherType());
        assertEquals(Frames.UDP, packet.protocol());
        assertNotEquals(0, packet.flowHash());
        batch.release();
    }

    @Test
    void addsBehindWhatTheBatchHoldsUntilItIsFull() {
        drain();
        Batch batch = frames(1_000, Batch.CAPACITY - 4);
        for (int i = 0; i < 10; i++) {
            world.send(i);
        }
        int before = batch.size();
        await("a full batch", () -> {
            endpoint.poll(batch);
            return batch.isFull();
        });
        for (int i = 0; i < batch.size(); i++) {
            int expected = i < before ? 1_000 + i : i - before;
            byte[] frame = Packets.bytes(batch.packet(i));
            int number = i < before ? payloadNumber(frame) : world.number(frame);
            assertEquals(expected, number, "at " + i);
        }
        batch.release();
        assertEquals(List.of(4, 5, 6, 7, 8, 9), pollNumbers(6));
    }

    private static int payloadNumber(byte[] frame) {
        byte[] payload = Frames.udpPayload(frame);
        return Frames.getShort(payload, 0) << 16 | Frames.getShort(payload, 2);
    }

    @Test
    void givesNothingAtRest() {
        drain();
        Batch batch = new Batch();
        assertEquals(0, endpoint.poll(batch));
        assertTrue(batch.isEmpty());
        assertEquals(0, drops.total());
    }

    @Test
    void losesNothingWhileThePoolIsEmpty() {
        drain();
        List<Packet> held = new ArrayList<>();
        for (Packet packet = pool.acquire(); packet != null; packet = pool.acquire()) {
            held.add(packet);
        }
        for (int i = 0; i < 5; i++) {
            world.send(i);
        }
        Batch batch = new Batch();
        assertTrue(endpoint.poll(batch) <= 1, "there was at most the one buffer that an endpoint keeps");
        List<Integer> numbers = new ArrayList<>();
        for (int i = 0; i < batch.size(); i++) {
            numbers.add(world.number(Packets.bytes(batch.packet(i))));
        }
        batch.release();
        held.forEach(pool::release);
        numbers.addAll(pollNumbers(5 - numbers.size()));
        assertEquals(range(5), numbers);
        assertEquals(0, drops.total());
    }

    @Test
    void announcesFramesByItsDescriptor() throws LinuxException {
        if (endpoint.fd() < 0) {
            return;
        }
        drain();
        try (Epoll epoll = Epoll.open(1)) {
            assertEquals(0, epoll.add(endpoint.fd(), 42));
            assertEquals(0, epoll.poll());
            world.send(1);
            await("a readable descriptor", () -> epoll.poll() == 1);
            assertEquals(42, epoll.token(0));
            assertEquals(List.of(1), pollNumbers(1));
        }
    }

    @Test
    void survivesRandomAndHalfValidFrames() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < RANDOM_FRAMES; i++) {
            byte[] frame = world.frame(i);
            if (i % 2 == 0) {
                frame = new byte[random.nextInt(200)];
                random.nextBytes(frame);
            } else {
                for (int n = random.nextInt(4); n >= 0; n--) {
                    frame[random.nextInt(frame.length)] = (byte) random.nextInt();
                }
                frame = Arrays.copyOf(frame, random.nextInt(frame.length + 1));
            }
            Batch batch = Frames.batch(pool, frame);
            try {
                endpoint.accept(batch);
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed + ", frame " + i, e);
            }
            assertTrue(batch.isEmpty(), () -> "seed " + seed);
            drain();
        }
        while (world.received() >= 0) {
            Thread.onSpinWait(); // what came through by chance
        }
        endpoint.accept(frames(5, 1));
        await("frame 5, seed " + seed, () -> world.received() == 5);
    }

    @Test
    void dropsAsPortDownWhenTheDeviceHasGone() {
        if (!world.takeAway()) {
            return;
        }
        Batch batch = frames(0, 3);
        endpoint.accept(batch);
        assertTrue(batch.isEmpty());
        assertTrue(endpoint.isGone());
        assertEquals(3, drops.count(DropReason.PORT_DOWN));
        endpoint.accept(frames(0, 2));
        assertEquals(5, drops.count(DropReason.PORT_DOWN));
        assertEquals(0, endpoint.poll(batch));
    }
}
