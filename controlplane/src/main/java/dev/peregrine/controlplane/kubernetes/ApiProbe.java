package dev.peregrine.controlplane.kubernetes;

import dev.peregrine.controlplane.Examined;
import java.util.List;

/** Looks at an API server: certificates, token, and whether its objects may be listed. It writes nothing. */
public final class ApiProbe {
    private ApiProbe() {}

    /** Looks now, for at most ten seconds. */
    public static Examined look(KubernetesSettings settings) throws InterruptedException {
        Dialect dialect = Dialect.of(settings);
        try (ApiClient client = new ApiClient(settings)) {
            long began = System.nanoTime();
            client.get(dialect.collection() + "?limit=1");
            long millis = (System.nanoTime() - began) / 1_000_000;
            return new Examined(
                    settings.server() + " lists " + dialect.collection() + " in " + millis + " ms", List.of());
        } catch (ApiFailure e) {
            return new Examined("", List.of(new Examined.Fault(true, e.message(), cure(settings, dialect, e))));
        }
    }

    private static String cure(KubernetesSettings settings, Dialect dialect, ApiFailure failure) {
        String said = failure.message();
        if (failure.isNotFound()) return "kubectl apply: there are no " + dialect.origin();
        if (failure.isRefusal()) {
            return "deploy/kubernetes/rbac-" + (settings.mode() == KubernetesSettings.Mode.CRD ? "crd" : "flannel")
                    + ".yaml has the rights; tokenFile: kubectl create token peregrine";
        }
        if (settings.tokenFile().filter(file -> said.contains(file.toString())).isPresent()) {
            return "in a pod: serviceAccountName, without automountServiceAccountToken: false; elsewhere tokenFile";
        }
        if (said.startsWith("certificates") || said.contains("PKIX") || said.contains("subject alternative")) {
            return "control.planes[].ca has to sign the server's certificate, which has to name "
                    + settings.server().getHost();
        }
        return "curl -k " + settings.server() + "/version says whether it listens there; a firewall may be between";
    }
}
