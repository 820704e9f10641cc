package dev.peregrine.gateway.live.tunnel;

import dev.peregrine.gateway.live.lab.LiveTest;
import dev.peregrine.gateway.live.lab.Scene;
import dev.peregrine.gateway.live.traffic.Traffic;
import dev.peregrine.testkit.live.Underlay;
import org.junit.jupiter.api.Nested;

/** A container behind the gateway and one behind the kernel's VXLAN device, over every kind of underlay. */
@LiveTest
class KernelVtepTest {
    @Nested
    class Ipv4Wire extends Traffic {
        Ipv4Wire() {
            super(Scene.open(Underlay.IPV4_WIRE));
        }
    }

    @Nested
    class Ipv4Offload extends Traffic {
        Ipv4Offload() {
            super(Scene.open(Underlay.IPV4_OFFLOAD));
        }
    }

    @Nested
    class Ipv6Wire extends Traffic {
        Ipv6Wire() {
            super(Scene.open(Underlay.IPV6_WIRE));
        }
    }

    @Nested
    class Ipv6Offload extends Traffic {
        Ipv6Offload() {
            super(Scene.open(Underlay.IPV6_OFFLOAD));
        }
    }
}
