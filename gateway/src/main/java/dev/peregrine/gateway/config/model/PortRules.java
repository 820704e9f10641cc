package dev.peregrine.gateway.config.model;

import dev.peregrine.dataplane.linux.sys.AddressText;
import dev.peregrine.gateway.config.schema.Once;
import dev.peregrine.gateway.config.schema.Reading;
import dev.peregrine.gateway.config.value.MacAddress;
import java.net.InetAddress;

/** Where a port tells the conditions between its keys, and the addresses that no other port of its VNI may have. */
public final class PortRules {
    private final Reading reading;
    private final Record port;
    private final Once<MacAddress> macs;
    private final Once<InetAddress> addresses;

    /** @param macs those of the VNI's ports so far, as {@code addresses} */
    public PortRules(Reading reading, Record port, Once<MacAddress> macs, Once<InetAddress> addresses) {
        this.reading = reading;
        this.port = port;
        this.macs = macs;
        this.addresses = addresses;
    }

    /** Whether the value of a key of the port could not be read, which has been told. */
    boolean broken(String key) {
        return reading.broken(port, key);
    }

    void error(String key, String found, String expected) {
        error(port, key, found, expected);
    }

    /** @param part of the port */
    void error(Record part, String key, String found, String expected) {
        reading.error(part, key, found, expected);
    }

    void mac(String key, MacAddress mac) {
        macs.add(port, key, mac, mac.toString());
    }

    void address(String key, InetAddress address) {
        addresses.add(port, key, address, AddressText.of(address));
    }

    /** @param index of the address in the key's list */
    void address(String key, int index, InetAddress address) {
        addresses.add(port, key, index, address, AddressText.of(address));
    }
}
