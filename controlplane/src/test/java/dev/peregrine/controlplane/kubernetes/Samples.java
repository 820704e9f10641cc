package dev.peregrine.controlplane.kubernetes;

import dev.peregrine.controlplane.Claim;
import dev.peregrine.vxlan.IpAddress;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;

/** Objects as an API server has them, and the claims that they stand for. */
final class Samples {
    static final String NODES = "/api/v1/nodes";
    static final String STATIONS = "/apis/peregrine.dev/v1/stations";

    private Samples() {}

    static IpAddress ip(String text) {
        return IpAddress.of(InetAddress.ofLiteral(text));
    }

    static String mac(int last) {
        return "02:00:00:00:00:%02x".formatted(last);
    }

    static long macOf(int last) {
        return 0x0200_0000_0000L + last;
    }

    /** Node number {@code n}, with VTEP 198.18.0.n and pods in 10.244.n.0/24, as flannel annotates it. */
    static String node(int n) {
        return node("node" + n, n, "198.18.0." + n, mac(n));
    }

    static String node(String name, int n, String address, String mac) {
        return """
            {"kind":"Node","apiVersion":"v1","metadata":{"name":"%s","uid":"uid-%d","annotations":{
              "flannel.alpha.coreos.com/backend-data":"{\\"VNI\\":1,\\"VtepMAC\\":\\"%s\\"}",
              "flannel.alpha.coreos.com/backend-type":"vxlan",
              "flannel.alpha.coreos.com/kube-subnet-manager":"true",
              "flannel.alpha.coreos.com/public-ip":"%s",
              "node.alpha.kubernetes.io/ttl":"0"},
              "managedFields":[{"manager":"flanneld","fieldsV1":{"f:metadata":{"f:annotations":{"f:x":{}}}}}]},
             "spec":{"podCIDR":"10.244.%d.0/24","podCIDRs":["10.244.%d.0/24"]},
             "status":{"images":[{"names":["registry.example.com/a@sha256:0"],"sizeBytes":1}]}}""".formatted(name, n, mac, address, n, n).replace("\n", "");
    }

    /** A node without anything of flannel. */
    static String plainNode(String name, String network) {
        return "{\"metadata\":{\"name\":\"%s\",\"uid\":\"u\",\"annotations\":{\"a\":\"b\"}},\"spec\":{\"podCIDR\":\"%s\"}}"
                .formatted(name, network);
    }

    static List<Claim> claimsOfNode(int n) {
        return claimsOfNode("node" + n, n, "198.18.0." + n, macOf(n));
    }

    static List<Claim> claimsOfNode(String name, int n, String address, long mac) {
        return List.of(
                new Claim.Vtep(ip(address), name, ""),
                new Claim.Member(1, ip(address), false),
                new Claim.Station(1, mac, ip(address), 0, false, List.of(ip("10.244." + n + ".0"))));
    }

    static Claim.Station station(int vni, int mac, String vtep, int sequence, String... addresses) {
        return new Claim.Station(
                vni,
                macOf(mac),
                ip(vtep),
                sequence,
                false,
                Arrays.stream(addresses).map(Samples::ip).toList());
    }

    /** A {@code stations.peregrine.dev} with these fields in its {@code spec}. */
    static String station(String name, String spec) {
        return "{\"apiVersion\":\"peregrine.dev/v1\",\"kind\":\"Station\",\"metadata\":{\"name\":\"%s\"},\"spec\":{%s}}"
                .formatted(name, spec);
    }
}
