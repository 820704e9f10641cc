package dev.peregrine.controlplane.gobgp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import dev.peregrine.controlplane.gobgp.api.EncapExtended;
import dev.peregrine.controlplane.gobgp.api.ExtendedCommunitiesAttribute;
import dev.peregrine.controlplane.gobgp.api.FourOctetAsSpecificExtended;
import dev.peregrine.controlplane.gobgp.api.IPv4AddressSpecificExtended;
import dev.peregrine.controlplane.gobgp.api.Path;
import dev.peregrine.controlplane.gobgp.api.TwoOctetAsSpecificExtended;
import dev.peregrine.dataplane.testing.Seed;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Paths of gobgpd as routes. */
class RouteReaderTest {
    private static final long MAC = 0x02_00_00_00_42_01L;

    private static Route read(Path path) throws BadRoute {
        return RouteReader.read(Objects.requireNonNull(RouteReader.key(path)), path);
    }

    private static Any any(MessageLite message) {
        return Any.newBuilder()
                .setTypeUrl("type.googleapis.com/apipb." + message.getClass().getSimpleName())
                .setValue(message.toByteString())
                .build();
    }

    private static Path with(MessageLite... communities) {
        ExtendedCommunitiesAttribute.Builder attribute = ExtendedCommunitiesAttribute.newBuilder();
        for (MessageLite community : communities) attribute.addCommunities(any(community));
        Path path = RouteWriter.path(Samples.mac(Samples.A, MAC, null, 0, 42));
        return path.toBuilder().setPattrs(2, any(attribute.build())).build();
    }

    @Test
    void whatIsWrittenIsRead() throws BadRoute {
        for (Route route : Set.of(
                Samples.mac(Samples.A, MAC, null, 0, 42),
                Samples.mac(Samples.A, MAC, "198.19.1.1", -1, 0xff_ffff),
                Samples.mac(Samples.A, MAC, "2001:db8::1", 5, 1),
                Samples.multicast(Samples.A, 42))) {
            assertEquals(route, read(RouteWriter.path(route)));
            assertEquals(route.key(), RouteReader.key(RouteWriter.withdrawal(route.key())));
        }
    }

    @Test
    void routeTargetsOfAllFormsNameTheVni() throws BadRoute {
        Route route = read(with(
                TwoOctetAsSpecificExtended.newBuilder()
                        .setSubType(2)
                        .setAsn(65001)
                        .setLocalAdmin(42)
                        .build(),
                TwoOctetAsSpecificExtended.newBuilder()
                        .setSubType(2)
                        .setAsn(1)
                        .setLocalAdmin(0x1000_002b)
                        .build(),
                TwoOctetAsSpecificExtended.newBuilder()
                        .setSubType(2)
                        .setAsn(1)
                        .setLocalAdmin(0x2000_002c)
                        .build(),
                TwoOctetAsSpecificExtended.newBuilder()
                        .setSubType(3)
                        .setAsn(1)
                        .setLocalAdmin(45)
                        .build(),
                FourOctetAsSpecificExtended.newBuilder()
                        .setSubType(2)
                        .setAsn(-2)
                        .setLocalAdmin(46)
                        .build(),
                IPv4AddressSpecificExtended.newBuilder()
                        .setSubType(2)
                        .setAddress("10.0.0.1")
                        .setLocalAdmin(47)
                        .build()));
        assertEquals(
                Set.of(
                        new Route.Target(65001, 42),
                        new Route.Target(1, 43),
                        new Route.Target(0xffff_fffeL, 46),
                        new Route.Target(0x0a00_0001, 47)),
                route.targets());
    }

    @Test
    void otherEncapsulationsAreRefused() throws BadRoute {
        EncapExtended gre = EncapExtended.newBuilder().setTunnelType(2).build();
        EncapExtended vxlan = EncapExtended.newBuilder().setTunnelType(8).build();
        BadRoute refusal = assertThrows(BadRoute.class, () -> read(with(gre)));
        assertTrue(String.valueOf(refusal.getMessage()).contains("not for VXLAN"));
        assertEquals(read(with()), read(with(gre, vxlan)), "one of them is enough, and none is");
    }

    @Test
    void otherTypesOfRouteAreNone() throws BadRoute {
        Any prefix = Any.newBuilder()
                .setTypeUrl("type.googleapis.com/apipb.EVPNIPPrefixRoute")
                .build();
        assertNull(RouteReader.key(Path.newBuilder().setNlri(prefix).build()));
    }

    @Test
    void damagedPathsAreRoutesOrRefused() {
        long seed = Long.getLong("peregrine.seed", System.nanoTime());
        Random random = new Random(seed);
        byte[] whole = RouteWriter.path(Samples.mac(Samples.A, MAC, "198.19.1.1", 3, 42))
                .toByteArray();
        for (int i = 0; i < Seed.rounds(50_000); i++) {
            byte[] damaged = whole.clone();
            for (int n = 1 + random.nextInt(3); n > 0; n--) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
            }
            Path path;
            try {
                path = Path.parseFrom(ByteString.copyFrom(damaged));
            } catch (InvalidProtocolBufferException e) {
                continue; // gRPC ends the call
            }
            try {
                Route.Key key = RouteReader.key(path);
                if (key != null) RouteReader.read(key, path);
            } catch (BadRoute e) {
                assertTrue(String.valueOf(e.getMessage()).startsWith("route") || e.key() == null, () -> "seed " + seed);
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
    }
}
