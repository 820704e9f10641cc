package dev.peregrine.controlplane.resolve;

import dev.peregrine.vxlan.IpAddress;
import java.util.List;

/** Takes every change, and counts. */
public final class NoTables implements TableChanges {
    private int stations;
    private int calls;

    /** Stations that are there. */
    public int stations() {
        return stations;
    }

    /** Changes so far. */
    public int calls() {
        return calls;
    }

    @Override
    public boolean vtep(IpAddress vtep, String plane, String node) {
        calls++;
        return true;
    }

    @Override
    public void vtepGone(IpAddress vtep) {
        calls++;
    }

    @Override
    public boolean station(int vni, long mac, IpAddress vtep, String plane, int sequence, boolean sticky) {
        stations++;
        calls++;
        return true;
    }

    @Override
    public void stationGone(int vni, long mac) {
        stations--;
        calls++;
    }

    @Override
    public boolean neighbour(int vni, IpAddress address, long mac, String plane) {
        calls++;
        return true;
    }

    @Override
    public void neighbourGone(int vni, IpAddress address) {
        calls++;
    }

    @Override
    public boolean members(int vni, List<IpAddress> vteps) {
        calls++;
        return true;
    }
}
