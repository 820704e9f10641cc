package dev.peregrine.vxlan.underlay.socket;

import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.vxlan.RemoteVtep;
import dev.peregrine.vxlan.underlay.PolledUnderlay;
import dev.peregrine.vxlan.underlay.ReceiveFailure;
import dev.peregrine.vxlan.underlay.ReceiveFailures;
import dev.peregrine.vxlan.underlay.SourcePorts;
import dev.peregrine.vxlan.underlay.VtepCounters;
import org.jspecify.annotations.Nullable;

/** The reports of sockets in either mode. Any thread may ask. */
abstract class OpenUnderlay implements PolledUnderlay {
    private final ReceiveFailures failures;
    private final SourcePorts ports;
    private final VtepCounters counters;
    private final int receiveBufferBytes;

    OpenUnderlay(ReceiveFailures failures, SourcePorts ports, VtepCounters counters, int receiveBufferBytes) {
        this.failures = failures;
        this.ports = ports;
        this.counters = counters;
        this.receiveBufferBytes = receiveBufferBytes;
    }

    @Override
    public final @Nullable ReceiveFailure receiveFailure() {
        return failures.last();
    }

    @Override
    public final boolean isBroken() {
        return failures.isBroken();
    }

    @Override
    public final VtepCounters vtepCounters() {
        return counters;
    }

    @Override
    public final int receiveBufferBytes() {
        return receiveBufferBytes;
    }

    @Override
    public final int sourcePorts() {
        return ports.size();
    }

    @Override
    public final int sourcePort(int flowHash, RemoteVtep vtep) throws LinuxException {
        return ports.socket(ports.choose(flowHash, vtep)).localPort();
    }

    @Override
    public final int sendBufferBytes() {
        return ports.grantedBytes();
    }

    @Override
    public final int sendBufferWantedBytes() {
        return ports.wantedBytes();
    }
}
