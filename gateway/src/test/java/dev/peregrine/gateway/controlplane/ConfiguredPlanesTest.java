package dev.peregrine.gateway.controlplane;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.controlplane.Claim;
import dev.peregrine.controlplane.ControlPlane;
import dev.peregrine.controlplane.PlaneState;
import dev.peregrine.controlplane.resolve.report.PlaneStatus;
import dev.peregrine.gateway.config.model.GatewayConfig;
import dev.peregrine.gateway.config.model.plane.PlaneConfig;
import dev.peregrine.vxlan.IpAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Planes as the configuration names them, from one reload to the next. */
class ConfiguredPlanesTest extends PlanesLab {
    private final ConfiguredPlanes configured = new ConfiguredPlanes(this::planes, this::make);
    private final Map<String, List<FakePlane>> made = new HashMap<>();

    private ControlPlane make(PlaneConfig plane, IpAddress own) {
        FakePlane fake = new FakePlane();
        made.computeIfAbsent(plane.name(), _ -> new ArrayList<>()).add(fake);
        return fake;
    }

    /** The plane that was made last for a name. */
    private FakePlane plane(String name) {
        return Objects.requireNonNull(made.get(name)).getLast();
    }

    private GatewayConfig planes(String listening, String... planes) throws Exception {
        return config("control: {planes: [" + String.join(", ", planes) + "]}\nvnis: [{vni: 42, control: [" + listening
                + "]}]");
    }

    private static String file(String name, String announce) {
        return "{name: %s, type: file, path: /in, announce: %s}".formatted(name, announce);
    }

    private void follow(String listening, String... planes) throws Exception {
        GatewayConfig config = planes(listening, planes);
        onControl(() -> {
            configured.follow(config);
            return true;
        });
        for (String name : listening.split(", ", -1)) {
            if (!name.isEmpty()) plane(name).feed().state(PlaneState.LIVE, "");
        }
    }

    private List<String> names() throws Exception {
        return onControl(() -> planes().resolver().planes().stream()
                .map(PlaneStatus::name)
                .filter(name -> !name.equals("reg"))
                .toList());
    }

    @Test
    void aPlaneIsStartedWhenTheVniListensToIt() throws Exception {
        follow("a", file("a", "/x.json"));
        plane("a").feed().claim(new Claim.Station(VNI, MAC, FAR, 1, false, List.of()));
        await("the entry", () -> entry().equals("CONTROL 198.18.0.2"));
        await("the announcement", plane("a")::isPublishing);
    }

    @Test
    void onlyAPlaneThatChangesIsMadeAnew() throws Exception {
        follow("a, b", file("a", "/x.json"), file("b", "/y.json"));
        follow("a, b", file("a", "/x.json"), file("b", "/y.json").replace("/in", "/elsewhere"));
        assertEquals(1, Objects.requireNonNull(made.get("a")).size());
        assertEquals(2, Objects.requireNonNull(made.get("b")).size());
        assertTrue(Objects.requireNonNull(made.get("b")).getFirst().isClosed, "before the next one publishes there");
    }

    @Test
    void aPlaneThatIsNamedNoMoreWithdraws() throws Exception {
        follow("a", file("a", "/x.json"));
        await("the announcement", plane("a")::isPublishing);
        follow("");
        await("its end", () -> plane("a").isClosed);
        assertFalse(plane("a").isPublishing());
        assertEquals(List.of(), names());
    }

    @Test
    void aPlaneThatPublishesElsewhereWithdrawsFirst() throws Exception {
        follow("a", file("a", "/x.json"));
        FakePlane before = plane("a");
        await("the announcement", before::isPublishing);
        follow("a", file("a", "/y.json"));
        await("its end", () -> before.isClosed);
        assertFalse(before.isPublishing());
        await("the announcement", plane("a")::isPublishing);
    }

    @Test
    void aPlaneOfAnotherNameGoesOnAtTheSamePlace() throws Exception {
        follow("a", file("a", "/x.json"));
        await("the announcement", plane("a")::isPublishing);
        follow("b", file("b", "/x.json"));
        assertTrue(plane("a").isClosed, "before the next one publishes there");
        assertTrue(plane("a").isPublishing(), "a withdrawal would take what the next one publishes");
        assertEquals(List.of("b"), names());
        await("the announcement", plane("b")::isPublishing);
        plane("b").feed().claim(new Claim.Station(VNI, MAC, FAR, 1, false, List.of()));
        await("the entry", () -> entry().equals("CONTROL 198.18.0.2"));
    }

    @Test
    void planesThatChangePlacesWithdrawNothing() throws Exception {
        follow("a, b", file("a", "/x.json"), file("b", "/y.json"));
        FakePlane a = plane("a");
        FakePlane b = plane("b");
        await("the announcements", () -> a.isPublishing() && b.isPublishing());
        follow("a, b", file("a", "/y.json"), file("b", "/x.json"));
        assertTrue(a.isClosed && b.isClosed);
        assertTrue(a.isPublishing() && b.isPublishing());
        await("the announcements", () -> plane("a").isPublishing() && plane("b").isPublishing());
    }

    private boolean isSamePlace(String before, String now) throws Exception {
        PlaneConfig first = planes("p", before).control().planes().planes().getFirst();
        PlaneConfig second = planes("p", now).control().planes().planes().getFirst();
        return ConfiguredPlanes.isSamePlace(first, second);
    }

    @Test
    void aPlaceIsWhereOthersReadIt() throws Exception {
        assertTrue(isSamePlace(file("p", "/x.json"), file("p", "/x.json").replace("/in", "/elsewhere")));
        assertFalse(isSamePlace(file("p", "/x.json"), file("p", "/y.json")));
        assertFalse(
                isSamePlace(file("p", "/in.json"), "{name: p, type: file, path: /in.json}"), "which publishes nothing");
        String etcd = "{name: p, type: etcd, endpoints: [\"http://127.0.0.1:2379\"], prefix: /p}";
        assertTrue(isSamePlace(etcd, etcd.replace("[", "[\"http://127.0.0.1:2380\", ")), "one more member");
        assertFalse(isSamePlace(etcd, etcd.replace("2379", "2380")));
        assertFalse(isSamePlace(etcd, etcd.replace("/p}", "/q}")));
        String frr = "{name: p, type: evpn}";
        assertTrue(isSamePlace(frr, "{name: p, type: evpn, port: 14790}"), "the devices of the host");
        assertFalse(isSamePlace(frr, etcd));
    }
}
