package dev.peregrine.dataplane.bpf;

/**
 * What a program did with one frame, see {@link LoadedProgram#run}.
 *
 * @param verdict a {@link Verdict}
 * @param frame as the program left it; not sent anywhere
 */
public record TestRun(int verdict, byte[] frame) {}
