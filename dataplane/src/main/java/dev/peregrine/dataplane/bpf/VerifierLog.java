package dev.peregrine.dataplane.bpf;

import java.util.List;
import java.util.regex.Pattern;

/**
 * The words of the kernel's verifier about a program that it refuses. Its last lines matter: the instruction at which
 * it stopped, and why.
 */
final class VerifierLog {
    /** As in {@code 12: (61) r1 = *(u32 *)(r1 +0)}, perhaps with the registers' states behind it. */
    private static final Pattern INSTRUCTION = Pattern.compile("\\d+: \\([0-9a-f]{2}\\) .*");

    /** Statistics at the end, and the states of registers. */
    private static final Pattern NOISE = Pattern.compile(
            "processed \\d+ insns.*|verification time.*|stack depth.*|\\d*:? ?R\\d+(_w)?=.*|; .*|from \\d+ to .*|mark_.*");

    private VerifierLog() {}

    /** The reason, and the instruction at which the verifier stopped; empty if the log is. */
    static String essence(String log) {
        List<String> lines =
                log.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
        String instruction = "";
        String reason = "";
        for (String line : lines) {
            if (INSTRUCTION.matcher(line).matches()) {
                instruction = line.replaceFirst(" +; .*", "");
                reason = "";
            } else if (!NOISE.matcher(line).matches()) {
                reason = reason.isEmpty() ? line : reason + "; " + line;
            }
        }
        if (reason.isEmpty()) {
            return instruction;
        }
        return instruction.isEmpty() ? reason : reason + ", at instruction " + instruction;
    }
}
