package dev.peregrine.controlplane.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.testing.Seed;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.util.Base64;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PemTest {
    private static final String NAMED = """
            -----BEGIN CERTIFICATE-----
            MIIBmTCCAT+gAwIBAgIUHE2mYYmT3ZBOaYkV7z5H5syi0iswCgYIKoZIzj0EAwIw
            IjESMBAGA1UECgwJcGVyZWdyaW5lMQwwCgYDVQQDDANndzEwHhcNMjYxMTMwMTgx
            NjM0WhcNMzYxMTI3MTgxNjM0WjAiMRIwEAYDVQQKDAlwZXJlZ3JpbmUxDDAKBgNV
            BAMMA2d3MTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABLwR2rDBqZszLj4mBYCr
            AJlAyKhx4gbB+jYiSApQAYFEkzEC6GYAdpykNkhDUKSOo2AGFRLadF6mdTfWJQB9
            eSejUzBRMB0GA1UdDgQWBBSTVcA9UAGC/21SN8mlZLS9f0VfyDAfBgNVHSMEGDAW
            gBSTVcA9UAGC/21SN8mlZLS9f0VfyDAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49
            BAMCA0gAMEUCIQC2LavkKKm02XTyj/Mc9X6ryINH83NjV0ni68uQO7rq1wIgWaw0
            hkUmMepVsaJhSvCl9fKmKwO3r+uqQ0mO+7t+SHA=
            -----END CERTIFICATE-----
            """;
    private static final String UNNAMED = """
            -----BEGIN CERTIFICATE-----
            MIIBfTCCASOgAwIBAgIUdhgfFIBbMhfkaziPAeaeDPo1sOUwCgYIKoZIzj0EAwIw
            FDESMBAGA1UECgwJcGVyZWdyaW5lMB4XDTI2MTEzMDE4MTYzNFoXDTM2MTEyNzE4
            MTYzNFowFDESMBAGA1UECgwJcGVyZWdyaW5lMFkwEwYHKoZIzj0CAQYIKoZIzj0D
            AQcDQgAEjFZyycTh0aAbXkHJicQnXeqtIYRDm7C3aevNtwwbaR00j/QgrdEs898m
            dEPBKnAUuy3Pqu2h2y2WfEDlD1zhqqNTMFEwHQYDVR0OBBYEFAEnb5FSpTb3rZzm
            8NJXnLu/NwlUMB8GA1UdIwQYMBaAFAEnb5FSpTb3rZzm8NJXnLu/NwlUMA8GA1Ud
            EwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIhAOSlrAfPHNZfGS7iwjfJuAHE
            Az+MJ0iuI07mXCHH5xMhAiB3PiN2hjwzwlv3tWWhulAsofrekJ6UEO/3Q3ObHGVF
            xA==
            -----END CERTIFICATE-----
            """;

    @TempDir
    private Path folder;

    private Path file(String text) throws IOException {
        return Files.writeString(folder.resolve("x.pem"), text);
    }

    private static String pem(String label, byte[] der) {
        String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return "-----BEGIN " + label + "-----\n" + body + "\n-----END " + label + "-----\n";
    }

    private static void assertFails(String why, Executable reading) {
        String said = assertThrows(IOException.class, reading).toString();
        assertTrue(said.contains("x.pem") && said.contains(why), said);
    }

    @ParameterizedTest
    @ValueSource(strings = {"EC", "RSA", "Ed25519"})
    void keysOfPkcs8AreRead(String algorithm) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
        if (algorithm.equals("RSA")) generator.initialize(1024); // the usual length takes a second to find
        PrivateKey key = generator.generateKeyPair().getPrivate();
        assertEquals(key, Pem.key(file("a comment\n" + NAMED + pem("PRIVATE KEY", key.getEncoded()))));
        assertFails("openssl pkcs8", () -> Pem.key(file(pem("EC PRIVATE KEY", key.getEncoded()))));
        assertFails("openssl pkcs8", () -> Pem.key(file(pem("ENCRYPTED PRIVATE KEY", key.getEncoded()))));
    }

    @Test
    void otherThingsAreNoKeys() {
        assertFails("no private key", () -> Pem.key(file(NAMED)));
        assertFails("no private key", () -> Pem.key(file("")));
        assertFails("none of EC, RSA, Ed25519", () -> Pem.key(file(pem("PRIVATE KEY", new byte[20]))));
        assertFails("damaged", () -> Pem.key(file("-----BEGIN PRIVATE KEY-----\nA\n-----END PRIVATE KEY-----\n")));
    }

    @Test
    void certificatesAreReadInTheirOrder() throws IOException {
        assertEquals(2, Pem.certificates(file(NAMED + UNNAMED)).size());
        assertEquals(Optional.of("gw1"), Tls.commonName(file(NAMED + UNNAMED)));
        assertEquals(Optional.empty(), Tls.commonName(file(UNNAMED + NAMED)));
        assertFails("no certificate", () -> Pem.certificates(file("")));
        assertFails("no certificate", () -> Pem.certificates(file(pem("PRIVATE KEY", new byte[9]))));
        assertFails("cannot be read", () -> Pem.certificates(file(pem("CERTIFICATE", new byte[9]))));
        assertFails("more than 1048576", () -> Pem.certificates(file(NAMED + " ".repeat(1 << 20))));
    }

    @Test
    void damageIsAnErrorThatNamesTheFile() throws IOException {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        for (int i = 0; i < Seed.rounds(2_000); i++) {
            byte[] bytes = NAMED.getBytes(StandardCharsets.ISO_8859_1);
            for (int n = random.nextInt(4); n >= 0; n--)
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            Path path = Files.write(folder.resolve("x.pem"), bytes);
            try {
                Tls.commonName(path);
            } catch (IOException e) {
                assertTrue(String.valueOf(e.getMessage()).contains("x.pem"), e + ", seed " + seed);
            }
        }
    }

    @Test
    void aKeyStoreIsNamedWithTheCommandThatConvertsIt() throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        Path file = folder.resolve("x.pem");
        try (OutputStream bytes = Files.newOutputStream(file)) {
            store.store(bytes, "changeit".toCharArray());
        }
        assertFails(
                "not PEM, but a PKCS#12 key store or DER: openssl pkcs12 -in x.pem -clcerts",
                () -> Pem.certificates(file));
        assertFails("openssl pkcs12 -in x.pem -nocerts", () -> Pem.key(file));
    }
}
