package dev.peregrine.controlplane.etcd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.peregrine.controlplane.Claim;
import dev.peregrine.controlplane.Examined;
import dev.peregrine.controlplane.LocalState;
import dev.peregrine.controlplane.PlaneState;
import dev.peregrine.controlplane.http.Tls;
import dev.peregrine.controlplane.http.TlsFiles;
import dev.peregrine.dataplane.testing.live.Command;
import dev.peregrine.testkit.live.EtcdServer;
import dev.peregrine.vxlan.IpAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The plane and Debian's etcd, with TLS and certificates of clients. */
@Tag("live")
class EtcdTlsLiveTest {
    private static final String PREFIX = "/p/test";
    private static final IpAddress A = IpAddress.of(InetAddress.ofLiteral("198.18.1.1"));
    private static final String NO_NAME = "/O=peregrine";

    @TempDir
    private Path folder;

    private final String address = EtcdServer.newAddress();
    private EtcdServer etcd;
    private final List<EtcdPlane> planes = new ArrayList<>();

    @BeforeEach
    void start() {
        assumeTrue(Command.exists("openssl"), "SKIPPED: no openssl here; on Debian: apt-get install openssl");
        authority("ca");
        certificate("server", NO_NAME, "ca");
        certificate("gw", NO_NAME, "ca");
        etcd = new EtcdServer(
                folder,
                address,
                List.of(
                        "--cert-file=" + file("server.pem"),
                        "--key-file=" + file("server.key"),
                        "--client-cert-auth",
                        "--trusted-ca-file=" + file("ca.pem")),
                List.of("--cacert=" + file("ca.pem"), "--cert=" + file("gw.pem"), "--key=" + file("gw.key")));
    }

    @AfterEach
    void end() {
        planes.forEach(EtcdPlane::close);
        if (etcd != null) etcd.close();
    }

    private Path file(String name) {
        return folder.resolve(name);
    }

    private void authority(String name) {
        openssl(name, "/O=" + name);
    }

    /** A key in {@code NAME.key}, and its certificate for the server's address in {@code NAME.pem}. */
    private void certificate(String name, String subject, String authority) {
        openssl(
                name,
                subject,
                "-addext",
                "subjectAltName=IP:" + address,
                "-CA",
                file(authority + ".pem").toString(),
                "-CAkey",
                file(authority + ".key").toString());
    }

    private void openssl(String name, String subject, String... more) {
        List<String> words =
                new ArrayList<>(List.of("openssl", "req", "-x509", "-newkey", "ec", "-nodes", "-days", "2"));
        words.addAll(List.of("-pkeyopt", "ec_paramgen_curve:P-256", "-subj", subject));
        words.addAll(List.of("-keyout", file(name + ".key").toString()));
        words.addAll(List.of("-out", file(name + ".pem").toString()));
        words.addAll(List.of(more));
        Command.output(words);
    }

    private TlsFiles files(String ca, String name) {
        return new TlsFiles(
                Optional.of(file(ca + ".pem")), Optional.of(file(name + ".pem")), Optional.of(file(name + ".key")));
    }

    private Seen plane(TlsFiles files, Optional<EtcdSettings.Login> login) {
        EtcdPlane plane = new EtcdPlane(new EtcdSettings(
                "reg",
                List.of(etcd.endpoint()),
                PREFIX,
                Duration.ofSeconds(60),
                Duration.ofSeconds(60),
                false,
                files,
                login));
        planes.add(plane);
        Seen seen = new Seen();
        plane.start(seen);
        plane.announce(new LocalState(A, "host", "one", true, List.of(new Claim.Member(42, A, true)), List.of()));
        return seen;
    }

    private Examined look(TlsFiles files, Optional<EtcdSettings.Login> login, boolean isRunning) throws Exception {
        Duration minute = Duration.ofSeconds(60);
        List<URI> endpoints = List.of(etcd.endpoint());
        return EtcdProbe.look(
                new EtcdSettings("reg", endpoints, PREFIX, minute, minute, false, files, login), A, isRunning);
    }

    @Test
    void aProbeNamesACertificateWithACommonName() throws Exception {
        certificate("named", NO_NAME + "/CN=gw1", "ca");
        etcd.control("user", "add", "root:r");
        etcd.control("user", "grant-role", "root", "root");
        etcd.control("auth", "enable");
        Path password = Files.writeString(file("password"), "r\n");
        Files.setPosixFilePermissions(password, PosixFilePermissions.fromString("rw-------"));
        Optional<EtcdSettings.Login> login = Optional.of(new EtcdSettings.Login("root", password));

        Examined named = look(files("ca", "named"), login, false);
        assertTrue(named.faults().getFirst().isFatal(), named::toString);
        assertTrue(named.faults().getFirst().what().contains("has the CommonName gw1"), named::toString);
        assertTrue(named.faults().getLast().what().contains("refuses a client certificate"), named::toString);
        Examined well = look(files("ca", "gw"), login, false);
        assertTrue(well.found().contains("answers in"), well::toString);
        assertEquals(1, well.faults().size(), well::toString);
        assertTrue(well.faults().getFirst().what().endsWith("expires in 1 days"), well::toString);
        Files.writeString(password, "wrong\n");
        Examined wrong = look(files("ca", "gw"), login, false);
        assertTrue(wrong.faults().getLast().isFatal(), wrong::toString);
        assertTrue(wrong.faults().getLast().cure().contains("passwordFile"), wrong::toString);
        Files.setPosixFilePermissions(password, PosixFilePermissions.fromString("rw-r--r--"));
        Examined open = look(files("ca", "gw"), login, false);
        assertTrue(open.faults().getLast().what().contains("open to everybody"), open::toString);
        assertTrue(open.faults().getLast().cure().endsWith("chmod 640"), open::toString);
    }

    @Test
    void aProbeSeesTheLeaseOfARunningGatewayAndWhatAnotherLeft() throws Exception {
        Examined missing = look(files("ca", "gw"), Optional.empty(), true);
        assertTrue(missing.faults().getLast().what().contains("others do not know this gateway"), missing::toString);
        plane(files("ca", "gw"), Optional.empty()).await("announced", its -> its.announced() == 2);
        Examined running = look(files("ca", "gw"), Optional.empty(), true);
        assertTrue(running.found().matches(".* 2 keys, the lease has (5[0-9]|60) s of 60"), running::toString);
        Examined left = look(files("ca", "gw"), Optional.empty(), false);
        assertTrue(left.faults().getLast().what().contains("though no gateway answers here"), left::toString);
    }

    @Test
    void aProbeNamesAnUntrustedServerAndOneThatIsNotThere() throws Exception {
        authority("other");
        Examined untrusted = look(files("other", "gw"), Optional.empty(), false);
        assertTrue(untrusted.faults().getLast().cure().startsWith("tls.ca has to sign"), untrusted::toString);
        etcd.kill();
        Examined gone = look(files("ca", "gw"), Optional.empty(), false);
        assertTrue(gone.faults().getLast().isFatal(), gone::toString);
        assertTrue(gone.faults().getLast().cure().startsWith("curl "), gone::toString);
    }

    @Test
    void aCommonNameIsRefusedWhileAuthenticationIsOn() throws IOException {
        certificate("named", NO_NAME + "/CN=gw1", "ca");
        assertEquals(Optional.empty(), Tls.commonName(file("gw.pem")));
        assertEquals(Optional.of("gw1"), Tls.commonName(file("named.pem")));
        etcd.control("user", "add", "root:r");
        etcd.control("user", "grant-role", "root", "root");
        etcd.control("auth", "enable");
        Path password = Files.writeString(file("password"), "r\n");
        Files.setPosixFilePermissions(password, PosixFilePermissions.fromString("rw-------"));
        Optional<EtcdSettings.Login> login = Optional.of(new EtcdSettings.Login("root", password));

        Seen named = plane(files("ca", "named"), login);
        named.awaitState(PlaneState.REFUSED);
        assertTrue(named.why().contains("CommonName"), named.why());
        Seen seen = plane(files("ca", "gw"), login);
        seen.await("announced", its -> its.announced() == 2);
        seen.awaitState(PlaneState.LIVE);
    }

    @Test
    void anotherAuthoritysServerIsRefusedUntilItsFileIsReplaced() throws IOException {
        authority("other");
        Files.copy(file("other.pem"), file("trusted.pem"));
        Seen seen = plane(files("trusted", "gw"), Optional.empty());
        seen.awaitState(PlaneState.REFUSED);
        assertTrue(seen.why().contains("PKIX path"), seen.why());
        Files.copy(file("ca.pem"), file("trusted.pem"), StandardCopyOption.REPLACE_EXISTING);
        seen.awaitState(PlaneState.LIVE);
    }

    @Test
    void aClientWithoutACertificateOrOfAnotherAuthorityIsRefused() {
        authority("other");
        certificate("stranger", NO_NAME, "other");
        Seen stranger = plane(files("ca", "stranger"), Optional.empty());
        Seen nobody =
                plane(new TlsFiles(Optional.of(file("ca.pem")), Optional.empty(), Optional.empty()), Optional.empty());
        stranger.awaitState(PlaneState.REFUSED);
        nobody.awaitState(PlaneState.REFUSED);
        assertTrue(stranger.why().contains("TLS"), stranger.why());
        assertTrue(nobody.why().contains("TLS"), nobody.why());
    }

    @Test
    void aMissingFileIsNamed() throws IOException {
        Files.move(file("gw.key"), file("gone.key"));
        Seen seen = plane(files("ca", "gw"), Optional.empty());
        seen.awaitState(PlaneState.REFUSED);
        assertTrue(seen.why().contains("gw.key: there is no such file"), seen.why());
        Files.move(file("gone.key"), file("gw.key"));
        seen.awaitState(PlaneState.LIVE);
    }
}
