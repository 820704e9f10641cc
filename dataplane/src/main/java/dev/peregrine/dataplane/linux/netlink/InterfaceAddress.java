package dev.peregrine.dataplane.linux.netlink;

import java.net.InetAddress;

/**
 * An IP address of a network interface as rtnetlink described it at one moment.
 *
 * @param index the interface's number
 * @param length of the prefix, in bits
 * @param flags {@code IFA_F_TENTATIVE} 0x40 and so on
 */
public record InterfaceAddress(int index, InetAddress address, int length, int flags) {
    private static final int IFA_F_DADFAILED = 0x08;
    private static final int IFA_F_TENTATIVE = 0x40;

    /** Whether duplicate address detection runs (RFC 4862 section 5.4): it cannot be used yet. */
    public boolean isTentative() {
        return (flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED)) == IFA_F_TENTATIVE;
    }

    /** Whether duplicate address detection found another host that has it. */
    public boolean isDuplicate() {
        return (flags & IFA_F_DADFAILED) != 0;
    }
}
