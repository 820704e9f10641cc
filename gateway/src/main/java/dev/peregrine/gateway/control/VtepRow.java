package dev.peregrine.gateway.control;

/**
 * A row of {@code vtep list}: a remote VTEP.
 *
 * @param vnis that use it, with spaces between
 * @param flood whether it is in a flood list
 * @param fdbEntries behind it
 */
public record VtepRow(String address, String vnis, boolean flood, int fdbEntries) {}
