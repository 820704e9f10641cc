package dev.peregrine.controlplane.etcd;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.peregrine.controlplane.Claim;
import dev.peregrine.controlplane.Examined;
import dev.peregrine.controlplane.http.Tls;
import dev.peregrine.vxlan.IpAddress;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Looks at a registry and at what is needed to use it: each endpoint, the certificate, the lease. It writes nothing.
 */
public final class EtcdProbe {
    private static final Duration LIMIT = Duration.ofSeconds(2);
    private static final Duration SOON = Duration.ofDays(14);

    private final EtcdSettings settings;
    private final IpAddress own;
    private final boolean isRunning;
    private final Layout layout;
    private final List<String> found = new ArrayList<>();
    private final List<Examined.Fault> faults = new ArrayList<>();

    private EtcdProbe(EtcdSettings settings, IpAddress own, boolean isRunning) {
        this.settings = settings;
        this.own = own;
        this.isRunning = isRunning;
        layout = new Layout(settings.prefix());
    }

    /**
     * Looks now, for at most some seconds an endpoint.
     *
     * @param own the gateway's address on the underlay
     * @param isRunning whether a gateway runs that publishes itself there
     */
    public static Examined look(EtcdSettings settings, IpAddress own, boolean isRunning) throws InterruptedException {
        EtcdProbe probe = new EtcdProbe(settings, own, isRunning);
        ExecutorService connections =
                Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().factory());
        try {
            settings.tls().cert().ifPresent(probe::certificate);
            probe.endpoints(connections);
        } finally {
            connections.shutdownNow();
        }
        return new Examined(String.join(", ", probe.found), probe.faults);
    }

    private void fault(boolean isFatal, String what, String cure) {
        faults.add(new Examined.Fault(isFatal, what, cure));
    }

    private void certificate(Path file) {
        try {
            Optional<String> name = Tls.commonName(file);
            if (name.isPresent()) {
                boolean logsIn = settings.login().isPresent();
                fault(
                        logsIn,
                        file + " has the CommonName " + name.get()
                                + ", with which etcd's JSON gateway refuses every call"
                                + " while etcd's authentication is on",
                        "a certificate without one: openssl req … -subj /O=peregrine");
            }
            Duration left = Duration.between(Instant.now(), Tls.validUntil(file));
            if (left.compareTo(SOON) < 0) {
                fault(
                        left.isNegative(),
                        file + (left.isNegative() ? " has expired" : " expires in " + left.toDays() + " days"),
                        "put a new certificate in its place: it is read at the next connection");
            }
        } catch (IOException e) {
            fault(true, String.valueOf(e.getMessage()), "control.planes[].tls names the files");
        }
    }

    private void endpoints(ExecutorService connections) throws InterruptedException {
        List<Examined.Fault> silent = new ArrayList<>();
        boolean answered = false;
        for (URI endpoint : settings.endpoints()) {
            try (EtcdClient client = new EtcdClient(endpoint, settings, LIMIT, connections)) {
                long began = System.nanoTime();
                client.login();
                String keys = count(client);
                long millis = (System.nanoTime() - began) / 1_000_000;
                found.add(endpoint + " answers in " + millis + " ms, " + keys + " keys");
                if (!answered) lease(client);
                answered = true;
            } catch (IOException e) {
                silent.add(new Examined.Fault(true, String.valueOf(e.getMessage()), cure(endpoint, e)));
            }
        }
        boolean isFatal = !answered; // else another member serves
        silent.forEach(fault -> fault(isFatal, fault.what(), fault.cure()));
    }

    private String count(EtcdClient client) throws IOException, InterruptedException {
        ObjectNode question = EtcdClient.NODES
                .objectNode()
                .put("key", OwnKeys.base64(layout.first()))
                .put("range_end", OwnKeys.base64(layout.end()))
                .put("count_only", true);
        return client.call("kv/range", question).path("count").asText("0");
    }

    private String cure(URI endpoint, IOException failure) {
        String said = String.valueOf(failure.getMessage());
        boolean isOfPassword = settings.login()
                .filter(login -> said.contains(login.passwordFile().toString()))
                .isPresent();
        if (isOfPassword)
            return "the password in the first line of that file, readable for the gateway's user: chmod 640";
        if (said.contains("no such file")) return "control.planes[].tls names the files";
        if (said.contains("CommonName")) return "a certificate without one: openssl req … -subj /O=peregrine";
        if (said.contains("TLS:")) {
            return "tls.ca has to sign the server's certificate, which has to name " + endpoint.getHost()
                    + "; tls.cert has to be signed by the server's --trusted-ca-file";
        }
        if (failure instanceof EtcdException refusal && refusal.code() == EtcdException.PERMISSION_DENIED) {
            return "etcdctl role grant-permission ROLE read --prefix=true " + layout.first();
        }
        if (failure instanceof EtcdException refusal && refusal.code() != EtcdException.OTHER) {
            return "control.planes[].user and passwordFile; etcdctl user list";
        }
        return "curl " + endpoint + "/version says whether etcd listens there; a firewall may be between";
    }

    /** The lease of the own keys is kept alive every quarter of its life, so that three quarters are always left. */
    private void lease(EtcdClient client) throws IOException, InterruptedException {
        String key = layout.key(new Claim.VtepKey(own));
        JsonNode pairs = client.call("kv/range", EtcdClient.NODES.objectNode().put("key", OwnKeys.base64(key)))
                .path("kvs");
        long id = pairs.path(0).path("lease").asLong();
        if (pairs.isEmpty()) {
            if (isRunning)
                fault(false, key + " is not there: others do not know this gateway", "peregrine control list");
            return;
        }
        if (id == 0) {
            fault(false, key + " is on no lease: it stays when the gateway dies", "etcdctl del " + key);
            return;
        }
        JsonNode life =
                client.call("lease/timetolive", EtcdClient.NODES.objectNode().put("ID", Long.toString(id)));
        long left = life.path("TTL").asLong();
        long whole = life.path("grantedTTL").asLong();
        if (!isRunning) {
            fault(
                    false,
                    key + " is there, though no gateway answers here: it goes in " + left + " s, or another host has "
                            + own,
                    "wait, or give each gateway an underlay.local of its own");
        } else if (2 * left < whole) {
            fault(
                    false,
                    "the lease has " + left + " s left of " + whole + ": the gateway keeps it alive too late",
                    "a longer control.planes[].ttl, or a registry that answers sooner");
        } else {
            found.add("the lease has " + left + " s of " + whole);
        }
    }
}
