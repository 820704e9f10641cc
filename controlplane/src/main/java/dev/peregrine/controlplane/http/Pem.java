package dev.peregrine.controlplane.http;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Certificates and private keys in PEM (RFC 7468). Errors name the file. */
final class Pem {
    private static final long MAX_BYTES = 1 << 20;
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\\s]*)-----END \\1-----");
    private static final int SEQUENCE = 0x30;
    private static final List<String> ALGORITHMS = List.of("EC", "RSA", "Ed25519");

    private Pem() {}

    private record Block(String label, String base64) {
        byte[] der(Path file) throws IOException {
            try {
                return Base64.getMimeDecoder().decode(base64);
            } catch (IllegalArgumentException e) {
                throw new IOException(file + ": a damaged block " + label, e);
            }
        }
    }

    /** All certificates of a file, at least one. */
    static List<X509Certificate> certificates(Path file) throws IOException {
        List<X509Certificate> certificates = new ArrayList<>();
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            for (Block block : blocks(file)) {
                if (!block.label().equals("CERTIFICATE")) continue;
                certificates.add(
                        (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(block.der(file))));
            }
        } catch (CertificateException e) {
            throw new IOException(file + ": a certificate cannot be read: " + e.getMessage(), e);
        }
        if (certificates.isEmpty()) {
            refuseBinary(file, "-clcerts -nokeys");
            throw new IOException(file + ": no certificate in PEM (BEGIN CERTIFICATE)");
        }
        return certificates;
    }

    /** The private key of a file. */
    static PrivateKey key(Path file) throws IOException {
        List<Block> blocks = blocks(file);
        for (Block block : blocks) {
            if (block.label().equals("PRIVATE KEY")) return decode(file, block.der(file));
        }
        if (blocks.isEmpty()) refuseBinary(file, "-nocerts -noenc");
        boolean other = blocks.stream().anyMatch(block -> block.label().endsWith("PRIVATE KEY"));
        throw new IOException(
                other
                        ? file + ": a private key that is not plain PKCS#8 (BEGIN PRIVATE KEY): convert it with"
                                + " openssl pkcs8 -topk8 -nocrypt"
                        : file + ": no private key in PEM (BEGIN PRIVATE KEY)");
    }

    /** PKCS#12 key stores and DER begin with an ASN.1 SEQUENCE, PEM with a line of text. */
    private static void refuseBinary(Path file, String options) throws IOException {
        try (InputStream bytes = Files.newInputStream(file)) {
            if (bytes.read() != SEQUENCE) return;
        }
        throw new IOException(
                file + ": it is not PEM, but a PKCS#12 key store or DER: openssl pkcs12 -in " + file.getFileName() + " "
                        + options + " makes PEM of a key store, openssl x509 -inform der of a certificate");
    }

    /** The key says in its own words of which kind it is; the factories of the others refuse it. */
    private static PrivateKey decode(Path file, byte[] der) throws IOException {
        for (String algorithm : ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
            } catch (GeneralSecurityException _) {
                // the next one may take it
            }
        }
        throw new IOException(file + ": a private key that is none of " + String.join(", ", ALGORITHMS));
    }

    private static List<Block> blocks(Path file) throws IOException {
        if (Files.size(file) > MAX_BYTES) throw new IOException(file + ": more than " + MAX_BYTES + " bytes");
        Matcher matcher = BLOCK.matcher(Files.readString(file, StandardCharsets.ISO_8859_1));
        List<Block> blocks = new ArrayList<>();
        while (matcher.find()) {
            blocks.add(new Block(matcher.group(1), matcher.group(2)));
        }
        return blocks;
    }
}
