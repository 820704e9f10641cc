package dev.peregrine.controlplane.file;

import dev.peregrine.controlplane.resolve.TableChanges;
import dev.peregrine.vxlan.IpAddress;
import java.util.List;

/** Takes every change, and counts. */
final class NoTables implements TableChanges {
    int stations;
    int calls;

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
