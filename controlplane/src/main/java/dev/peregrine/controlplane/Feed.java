package dev.peregrine.controlplane;

import org.jspecify.annotations.Nullable;

/**
 * Where a plane reports to. One thread of the plane calls it, in the order of events. A method may wait while the other
 * end is behind, so nobody who must not wait calls it; it returns at once after the plane was closed. None throws for
 * the content of a claim: the other end judges it.
 */
public interface Feed {
    /** A whole picture follows: claims up to {@link #complete} are all that there is. */
    void begin();

    /** A claim is new, changed, or repeated. */
    void claim(Claim claim);

    /** A claim has gone. Not within a picture. */
    void withdraw(Claim.Key key);

    /**
     * The picture is whole: claims from before {@link #begin} that it did not repeat have gone. A picture that breaks
     * off is followed by another {@code begin}, or by a state other than {@link PlaneState#LIVE}, and means nothing.
     */
    void complete();

    /**
     * Something said by the plane could not be read. The claim that it stands for stays as it was, within a picture
     * too, as if it had been repeated.
     *
     * @param key the claim, if so much could be read
     * @param what where it stands and what is wrong, in a line
     */
    void malformed(Claim.@Nullable Key key, String what);

    /**
     * How many claims of this gateway the plane now holds, as far as is known. It says so after each {@link
     * ControlPlane#announce} that it has carried out, also where the number is the same.
     */
    void announced(int claims);

    /**
     * Something of this gateway could not be announced, or withdrawn; it is tried again. Called for each try.
     *
     * @param why in a line, for people
     */
    default void announceFailed(String why) {}

    /**
     * The plane's state has changed.
     *
     * @param why in a line, for people; empty where there is nothing to say
     */
    void state(PlaneState state, String why);
}
