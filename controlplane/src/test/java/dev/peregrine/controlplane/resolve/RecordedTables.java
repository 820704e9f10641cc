package dev.peregrine.controlplane.resolve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.linux.sys.AddressText;
import dev.peregrine.vxlan.IpAddress;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/** Tables as text, which fail when a change changes nothing, or when it names a VTEP that is not there. */
final class RecordedTables implements TableChanges {
    final Map<String, String> vteps = new TreeMap<>();
    final Map<String, String> stations = new TreeMap<>();
    final Map<String, String> neighbours = new TreeMap<>();
    final Map<String, List<IpAddress>> members = new TreeMap<>();
    int calls;

    /** Which additions are not taken, by their keys. */
    Predicate<String> refuses = key -> false;

    static String station(int vni, long mac) {
        return vni + " " + AddressText.mac(mac);
    }

    static String entry(IpAddress vtep, String plane, int sequence, boolean sticky) {
        return vtep + " " + plane + " " + Integer.toUnsignedString(sequence) + (sticky ? " sticky" : "");
    }

    /** Everything, to be compared. */
    String text() {
        return "vteps " + vteps + "\nstations " + stations + "\nneighbours " + neighbours + "\nmembers " + members;
    }

    private <V> boolean put(Map<String, V> table, String key, V value) {
        calls++;
        if (refuses.test(key)) return false;
        assertNotEquals(value, table.put(key, value), () -> "no change of " + key);
        return true;
    }

    private void remove(Map<String, ?> table, String key) {
        calls++;
        assertTrue(table.remove(key) != null || refuses.test(key), () -> key + " is removed, and not there");
    }

    @Override
    public boolean vtep(IpAddress vtep, String plane, String node) {
        return put(vteps, vtep.toString(), plane + " " + node);
    }

    @Override
    public void vtepGone(IpAddress vtep) {
        remove(vteps, vtep.toString());
        String text = text().substring(text().indexOf("stations"));
        assertEquals(-1, text.indexOf(vtep + " "), () -> vtep + " goes, and is in " + text);
    }

    @Override
    public boolean station(int vni, long mac, IpAddress vtep, String plane, int sequence, boolean sticky) {
        assertTrue(vteps.containsKey(vtep.toString()), () -> "a station behind " + vtep + ", which is not known");
        return put(stations, station(vni, mac), entry(vtep, plane, sequence, sticky));
    }

    @Override
    public void stationGone(int vni, long mac) {
        remove(stations, station(vni, mac));
    }

    @Override
    public boolean neighbour(int vni, IpAddress address, long mac, String plane) {
        return put(neighbours, vni + " " + address, AddressText.mac(mac) + " " + plane);
    }

    @Override
    public void neighbourGone(int vni, IpAddress address) {
        remove(neighbours, vni + " " + address);
    }

    @Override
    public boolean members(int vni, List<IpAddress> vteps) {
        boolean isTaken = put(members, "members " + vni, vteps);
        if (vteps.isEmpty()) members.remove("members " + vni);
        return isTaken;
    }
}
