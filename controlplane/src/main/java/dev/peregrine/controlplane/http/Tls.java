package dev.peregrine.controlplane.http;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** TLS 1.2 and newer by the files of a plane. */
public final class Tls {
    private static final char[] NO_PASSWORD = {};

    private Tls() {}

    /** A context by these files; an error names the file. */
    public static SSLContext context(TlsFiles files) throws IOException {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(own(files), trusted(files), null);
            return context;
        } catch (NoSuchFileException e) {
            throw new IOException(e.getFile() + ": there is no such file", e);
        } catch (GeneralSecurityException e) {
            throw new IOException("TLS: " + e.getMessage(), e);
        }
    }

    /** TLS 1.2 and 1.3. */
    public static SSLParameters parameters() {
        return new SSLParameters(null, new String[] {"TLSv1.3", "TLSv1.2"});
    }

    private static KeyManager @Nullable [] own(TlsFiles files) throws IOException, GeneralSecurityException {
        if (files.cert().isEmpty()) return null;
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, NO_PASSWORD);
        X509Certificate[] chain = Pem.certificates(files.cert().get()).toArray(X509Certificate[]::new);
        store.setKeyEntry("own", Pem.key(files.key().orElseThrow()), NO_PASSWORD, chain);
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, NO_PASSWORD);
        return factory.getKeyManagers();
    }

    private static TrustManager @Nullable [] trusted(TlsFiles files) throws IOException, GeneralSecurityException {
        if (files.ca().isEmpty()) return null;
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, NO_PASSWORD);
        List<X509Certificate> authorities = Pem.certificates(files.ca().get());
        for (int i = 0; i < authorities.size(); i++) store.setCertificateEntry("ca" + i, authorities.get(i));
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory.getTrustManagers();
    }

    /** Until when a file's first certificate is valid. */
    public static Instant validUntil(Path certificate) throws IOException {
        return certificate(certificate).getNotAfter().toInstant();
    }

    private static X509Certificate certificate(Path file) throws IOException {
        try {
            return Pem.certificates(file).getFirst();
        } catch (NoSuchFileException e) {
            throw new IOException(file + ": there is no such file", e);
        }
    }

    /** The CommonName of a file's first certificate, which etcd's gateway does not bear; empty without one. */
    public static Optional<String> commonName(Path certificate) throws IOException {
        String subject = certificate(certificate).getSubjectX500Principal().getName();
        try {
            return new LdapName(subject)
                    .getRdns().stream()
                            .filter(part -> part.getType().equalsIgnoreCase("CN"))
                            .map(part -> part.getValue().toString())
                            .findFirst();
        } catch (InvalidNameException e) {
            throw new IOException(certificate + ": a subject that cannot be read: " + subject, e);
        }
    }
}
