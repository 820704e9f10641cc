package dev.peregrine.gateway.placement;

import java.util.Arrays;
import java.util.BitSet;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** A set of CPU numbers, each from 0 to 8191. Immutable. */
public final class CpuSet {
    /** No CPU. */
    public static final CpuSet EMPTY = new CpuSet(new BitSet());

    /** CPUs that Linux can be built for. */
    private static final int LIMIT = 8192;

    private static final int WORD_DIGITS = 8;
    private static final Pattern ALLOWED = Pattern.compile("(?m)^Cpus_allowed_list:\\s*(\\S+)$");

    private final BitSet cpus;

    private CpuSet(BitSet cpus) {
        this.cpus = cpus;
    }

    public static CpuSet of(int... cpus) {
        BitSet bits = new BitSet();
        Arrays.stream(cpus).forEach(bits::set);
        return new CpuSet(bits);
    }

    /** The set that the kernel writes as {@code 0-3,8}; empty if the text is of another form. */
    public static Optional<CpuSet> parseList(String text) {
        BitSet bits = new BitSet();
        if (text.isBlank()) {
            return Optional.of(EMPTY);
        }
        for (String range : text.strip().split(",", -1)) {
            String[] ends = range.split("-", 2);
            int first = number(ends[0]);
            int last = number(ends[ends.length - 1]);
            if (first < 0 || last < first) {
                return Optional.empty();
            }
            bits.set(first, last + 1);
        }
        return Optional.of(new CpuSet(bits));
    }

    private static int number(String digits) {
        if (!digits.matches("\\d{1,4}")) {
            return -1;
        }
        int number = Integer.parseInt(digits);
        return number < LIMIT ? number : -1;
    }

    /** The CPUs that a thread may use, from its {@code /proc/PID/status}. */
    public static Optional<CpuSet> allowed(String status) {
        return ALLOWED.matcher(status).results().findFirst().flatMap(line -> parseList(line.group(1)));
    }

    /**
     * The set that the kernel writes in words of 32 bits, {@code 00000001,0000000f}; empty if the text is of another
     * form.
     */
    static Optional<CpuSet> parseMask(String text) {
        String[] words = text.strip().split(",", -1);
        BitSet bits = new BitSet();
        for (int i = 0; i < words.length; i++) {
            if (!words[i].matches("[0-9a-fA-F]{1," + WORD_DIGITS + "}") || words.length > LIMIT / Integer.SIZE) {
                return Optional.empty();
            }
            long word = Long.parseLong(words[i], 16);
            int base = (words.length - 1 - i) * Integer.SIZE;
            IntStream.range(0, Integer.SIZE)
                    .filter(bit -> (word >> bit & 1) != 0)
                    .forEach(bit -> bits.set(base + bit));
        }
        return Optional.of(new CpuSet(bits));
    }

    public boolean contains(int cpu) {
        return cpus.get(cpu);
    }

    int size() {
        return cpus.cardinality();
    }

    public boolean isEmpty() {
        return cpus.isEmpty();
    }

    /** Whether all of {@code others} are in it. */
    public boolean containsAll(CpuSet others) {
        BitSet missing = (BitSet) others.cpus.clone();
        missing.andNot(cpus);
        return missing.isEmpty();
    }

    /** Whether a CPU is in both. */
    public boolean intersects(CpuSet others) {
        return cpus.intersects(others.cpus);
    }

    /** Those of both. */
    public CpuSet with(CpuSet others) {
        BitSet union = (BitSet) cpus.clone();
        union.or(others.cpus);
        return new CpuSet(union);
    }

    /** Those that {@code others} does not have. */
    public CpuSet without(CpuSet others) {
        BitSet rest = (BitSet) cpus.clone();
        rest.andNot(others.cpus);
        return new CpuSet(rest);
    }

    /** In ascending order. */
    public IntStream stream() {
        return cpus.stream();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CpuSet set && set.cpus.equals(cpus);
    }

    @Override
    public int hashCode() {
        return cpus.hashCode();
    }

    /** As the kernel writes it, {@code 0-3,8}. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (int first = cpus.nextSetBit(0); first >= 0; ) {
            int end = cpus.nextClearBit(first);
            text.append(text.isEmpty() ? "" : ",").append(first);
            if (end - first > 1) {
                text.append('-').append(end - 1);
            }
            first = cpus.nextSetBit(end);
        }
        return text.toString();
    }
}
