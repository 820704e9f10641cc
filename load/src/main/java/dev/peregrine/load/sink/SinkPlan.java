package dev.peregrine.load.sink;

import dev.peregrine.dataplane.linux.socket.UdpAddress;

/**
 * The datagrams to receive, and until when.
 *
 * @param vxlan whether the datagrams are VXLAN, to be terminated here
 * @param vni the only VNI that counts with VXLAN; -1: any
 * @param echo whether datagrams go back to their senders
 * @param flows flows whose sequence numbers are kept at a time
 * @param durationSeconds from the start
 * @param count stamped datagrams
 * @param idleSeconds without a stamped datagram, from the start or the last one
 */
record SinkPlan(
        UdpAddress listen,
        boolean vxlan,
        int vni,
        boolean gro,
        boolean echo,
        int flows,
        double durationSeconds,
        long count,
        double idleSeconds) {}
