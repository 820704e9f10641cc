package dev.peregrine.controlplane.resolve.report;

import dev.peregrine.controlplane.Claim;

/** Why a claim is not believed. The same claimant's earlier claim under the same key stays. */
public enum Refusal {
    /** It could not be read. */
    MALFORMED("could not be read"),
    /** Its VTEP is outside the networks that the plane may speak for. */
    VTEP_NOT_ALLOWED("its VTEP is outside 'allow' of the plane"),
    /** Its VTEP is this gateway. */
    OWN_VTEP("its VTEP has this gateway's own address"),
    /** Its VTEP is of the other address family than the underlay. */
    WRONG_FAMILY("its VTEP is not of the underlay's address family"),
    /** Its VTEP is no unicast address. */
    VTEP_NOT_UNICAST("its VTEP is not a unicast address"),
    /** The VNI does not exist here, or does not listen to the plane. */
    VNI_NOT_CONFIGURED("its VNI does not have the plane under 'control'"),
    /** The MAC is zero or a group's. */
    MAC_NOT_UNICAST("its MAC is not a unicast address"),
    /** An address is unspecified, or a group's. */
    ADDRESS_NOT_UNICAST("one of its addresses is not a unicast address"),
    /** A station has more than {@link Claim.Station#MAX_ADDRESSES} addresses. */
    TOO_MANY_ADDRESSES("it has more than " + Claim.Station.MAX_ADDRESSES + " addresses"),
    /** The plane names as many VTEPs as it may. */
    TOO_MANY_VTEPS("the plane already names as many VTEPs as it may"),
    /** The plane has as many stations as it may. */
    TOO_MANY_MACS("the plane already has as many stations as it may"),
    /** The plane has as many memberships in VNIs as it may have stations. */
    TOO_MANY_MEMBERS("the plane already has as many memberships as it may have stations"),
    /** The VTEP has as many stations as it may. */
    TOO_MANY_MACS_OF_VTEP("its VTEP already has as many stations as one may have");

    private final String sentence;

    Refusal(String sentence) {
        this.sentence = sentence;
    }

    /** The reason, as the rest of a sentence about a claim. */
    public String sentence() {
        return sentence;
    }
}
