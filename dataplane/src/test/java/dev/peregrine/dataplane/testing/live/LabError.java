package dev.peregrine.dataplane.testing.live;

/** A part of a lab did not do as it was told: a command failed, a process ended, a condition did not come true. */
public final class LabError extends AssertionError {
    private static final long serialVersionUID = 1L;

    private final String reason;

    /**
     * With all that is known.
     *
     * @param failure one line
     * @param output all that the command or process wrote
     */
    public LabError(String failure, String output) {
        super(failure + "\n" + output);
        reason = failure + ": "
                + output.strip().lines().reduce((first, second) -> second).orElse("it said nothing");
    }

    /** With the cause, where a command could not even be started or awaited. */
    public LabError(String failure, Throwable cause) {
        super(failure, cause);
        reason = failure + ": " + cause.getMessage();
    }

    /** In one line: the failure, and the last line of the output. */
    public String reason() {
        return reason;
    }
}
