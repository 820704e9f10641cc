package dev.peregrine.gateway.live.plane;

import dev.peregrine.dataplane.testing.live.Command;
import dev.peregrine.dataplane.testing.live.Live;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** An authority of a test, and what it certified: {@code NAME.pem} and {@code NAME.key} in a folder. */
record Certificates(Path folder) {
    /** With an authority {@code ca}. */
    static Certificates in(Path folder) {
        Live.requirePrograms("openssl", "openssl");
        Certificates made = new Certificates(folder);
        made.openssl("ca", "/O=ca", List.of());
        return made;
    }

    /** Certifies a new key, for some addresses. */
    void add(String name, String subject, String... addresses) {
        List<String> words = new ArrayList<>(List.of("-CA", file("ca.pem"), "-CAkey", file("ca.key")));
        if (addresses.length > 0)
            words.addAll(List.of("-addext", "subjectAltName=IP:" + String.join(",IP:", addresses)));
        openssl(name, subject, words);
    }

    String file(String name) {
        return folder.resolve(name).toString();
    }

    /** As the file has them for a gateway. */
    String yaml(String name) {
        return "{ca: %s, cert: %s, key: %s}".formatted(file("ca.pem"), file(name + ".pem"), file(name + ".key"));
    }

    private void openssl(String name, String subject, List<String> more) {
        List<String> words =
                new ArrayList<>(List.of("openssl", "req", "-x509", "-newkey", "ec", "-nodes", "-days", "2"));
        words.addAll(List.of("-pkeyopt", "ec_paramgen_curve:P-256", "-subj", subject));
        words.addAll(List.of("-keyout", file(name + ".key"), "-out", file(name + ".pem")));
        words.addAll(more);
        Command.output(words);
    }
}
