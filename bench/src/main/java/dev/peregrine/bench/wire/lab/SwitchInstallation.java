package dev.peregrine.bench.wire.lab;

import dev.peregrine.testkit.live.OpenVSwitch;

/** Open vSwitch with its userspace datapath on host B. */
record SwitchInstallation(OpenVSwitch openVSwitch) implements Installation {
    static SwitchInstallation start(Lab lab) {
        OpenVSwitch openVSwitch = OpenVSwitch.start(lab.b(), lab.a(), Lab.UNDERLAY);
        Lab.addIpv6(lab.b().container(), "eth0", lab.b().inner6());
        return new SwitchInstallation(openVSwitch);
    }

    @Override
    public void resume() {
        openVSwitch.resume();
    }

    @Override
    public void pause() {
        openVSwitch.pause();
    }

    @Override
    public void close() {
        openVSwitch.close();
    }
}
