package dev.peregrine.gateway.control;

import static java.nio.charset.StandardCharsets.UTF_8;

/** Any bytes as a line at the control socket: the answer is a result or says what is wrong with the line. */
public final class ControlFuzz {
    private ControlFuzz() {}

    /** Answers one line. */
    public static void run(byte[] line) {
        FakeCommands commands = new FakeCommands();
        String answer = new String(new Protocol(commands).answer(line), UTF_8);
        if (!answer.startsWith("{") || !answer.endsWith("}")) throw new AssertionError("no answer: " + answer);
        if (answer.contains("the command failed")) throw new AssertionError(answer);
        if (answer.indexOf('\n') >= 0) throw new AssertionError("more than one line: " + answer);
    }
}
