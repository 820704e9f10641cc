package dev.peregrine.controlplane.http;

import java.net.http.HttpClient;

/** Where every client of HTTP comes from. */
public final class Clients {
    // Servers may end chunks with trailers, as RFC 9112 section 7.1.2 allows; the errors of etcd do. java.net.http
    // reads
    // such an answer well, but where assertions are on (-ea) it asserts that there are none. A class keeps the status
    // that it began with: this has to come before any client is made, whichever plane is the first.
    static {
        ClassLoader loader = HttpClient.class.getClassLoader();
        if (loader != null) loader.setPackageAssertionStatus("jdk.internal.net.http", false);
    }

    private Clients() {}

    /** Builds a client of HTTP/1.1 that goes only where it is sent. */
    public static HttpClient.Builder builder() {
        return HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).followRedirects(HttpClient.Redirect.NEVER);
    }
}
