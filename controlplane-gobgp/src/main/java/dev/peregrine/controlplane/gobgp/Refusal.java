package dev.peregrine.controlplane.gobgp;

/** gobgpd is there, and is not to be used as it is. */
final class Refusal extends Exception {
    private static final long serialVersionUID = 1;

    /** With the reason, and what to do, in a line. */
    Refusal(String why) {
        super(why);
    }
}
