package dev.peregrine.dataplane.policy.conntrack;

import dev.peregrine.dataplane.header.IcmpHeader;
import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.dataplane.header.TcpHeader;
import dev.peregrine.dataplane.policy.match.FrameFields;
import java.net.InetAddress;

/**
 * A flow of {@link FlowStates}, for display. The source is the end that sent the first packet.
 *
 * @param segment index of its segment
 * @param port the port whose policy let it pass; {@link dev.peregrine.dataplane.packet.Packet#NO_PORT} when it was that
 *     of the segment
 * @param in whether rules let it enter the bridge, not leave it
 * @param protocol its IP protocol
 * @param sourcePort of TCP and UDP; of an echo its identifier; 0 for other protocols
 * @param destinationPort as {@code sourcePort}
 * @param state a word of connection tracking, such as {@code established}
 * @param assured whether no new flow may take its place
 * @param idleSeconds its silence so far, to a quarter of a second
 * @param expiresSeconds the further silence after which it expires
 */
public record TrackedFlow(
        int segment,
        int port,
        boolean in,
        long sourceMac,
        long destinationMac,
        InetAddress source,
        InetAddress destination,
        int protocol,
        int sourcePort,
        int destinationPort,
        String state,
        boolean assured,
        long idleSeconds,
        long expiresSeconds) {
    /** The properties by which rules saw the packet that began it: a SYN, an echo request. */
    public FrameFields firstPacket() {
        FrameFields fields = new FrameFields()
                .describe(protocol, source.getAddress(), destination.getAddress(), sourceMac, destinationMac);
        return switch (protocol) {
            case IpProtocol.TCP -> fields.describePorts(sourcePort, destinationPort, TcpHeader.SYN);
            case IpProtocol.UDP -> fields.describePorts(sourcePort, destinationPort, 0);
            case IpProtocol.ICMP -> fields.describeIcmp(IcmpHeader.ECHO_REQUEST, 0);
            case IpProtocol.ICMPV6 -> fields.describeIcmp(IcmpHeader.ECHO_REQUEST_V6, 0);
            default -> fields;
        };
    }
}
