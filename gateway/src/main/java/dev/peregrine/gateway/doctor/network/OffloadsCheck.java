package dev.peregrine.gateway.doctor.network;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peregrine.dataplane.endpoint.device.TapCheck;
import dev.peregrine.dataplane.linux.socket.UdpSocket;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.linux.tun.TapOffload;
import dev.peregrine.dataplane.offload.ProbeResult;
import dev.peregrine.gateway.config.model.GatewayConfig;
import dev.peregrine.gateway.config.model.OffloadConfig;
import dev.peregrine.gateway.config.model.TapPortConfig;
import dev.peregrine.gateway.config.model.UnderlayConfig;
import dev.peregrine.gateway.doctor.check.Check;
import dev.peregrine.gateway.doctor.check.Finding;
import dev.peregrine.gateway.doctor.check.Subject;
import dev.peregrine.gateway.doctor.check.Texts;
import dev.peregrine.vxlan.underlay.socket.OffloadCheck;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.StandardProtocolFamily;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The offloads of the kernel. */
public final class OffloadsCheck implements Check {
    @Override
    public String name() {
        return "offloads";
    }

    @Override
    public String about() {
        return "`UDP_GRO`, `UDP_SEGMENT` and those of TAP devices are in use; without a gateway they are tried as at its start.";
    }

    @Override
    public Finding look(Subject subject) throws IOException {
        Map<String, String> off = new LinkedHashMap<>();
        List<String> on = new ArrayList<>();
        if (subject.gateway().isPresent()) {
            for (JsonNode row : subject.gateway().get().status().path("offloads")) {
                String name = row.path("name").asText();
                if (row.path("enabled").asBoolean()) on.add(name);
                else off.put(name, row.path("reason").asText());
            }
        } else if (subject.local().isPresent()) {
            probe(subject, subject.local().get(), on, off);
        } else {
            return Finding.skip("neither a gateway nor a configuration tells which are wanted");
        }
        List<String> wrong = off.entrySet().stream()
                .filter(entry -> !entry.getValue().equals("configured off"))
                .map(entry -> entry.getKey() + " is off: " + entry.getValue())
                .toList();
        if (!wrong.isEmpty()) return Finding.warn(Texts.few(wrong), remedy(wrong));
        String configured = off.isEmpty() ? "" : "; configured off: " + Texts.few(off.keySet());
        return Finding.ok(on.size() + " in use" + configured);
    }

    private static String remedy(List<String> wrong) {
        String text = String.join(" ", wrong);
        if (text.contains("checksum")) return "underlay: {checksum: on}";
        return text.contains("this kernel")
                ? "a newer kernel: Linux 6.2 has all"
                : "underlay: {offload: …} switches it off for good; docs/operations.md";
    }

    private static void probe(Subject subject, InetAddress local, List<String> on, Map<String, String> off)
            throws LinuxException {
        UnderlayConfig underlay = subject.config().map(GatewayConfig::underlay).orElse(null);
        OffloadCheck check = OffloadCheck.run(local);
        try (UdpSocket socket = UdpSocket.open(
                local instanceof Inet6Address ? StandardProtocolFamily.INET6 : StandardProtocolFamily.INET)) {
            boolean wantsGro = underlay == null || underlay.offload().gro() != OffloadConfig.Gro.OFF;
            boolean wantsGso = underlay == null || underlay.offload().gso() != OffloadConfig.Offload.OFF;
            note("underlay gro", wantsGro, check.gro(), socket.gro(true), "this kernel has no UDP_GRO", on, off);
            boolean zero = underlay != null && !underlay.sendsChecksum();
            if (zero && wantsGso) off.put("underlay gso", "Linux has no UDP_SEGMENT without a UDP checksum");
            else
                note(
                        "underlay gso",
                        wantsGso,
                        check.gso(),
                        socket.supportsSegmentation(),
                        "this kernel has no UDP_SEGMENT",
                        on,
                        off);
        }
        boolean hasTap = subject.ports().stream().anyMatch(TapPortConfig.class::isInstance);
        if (hasTap && underlay != null && underlay.offload().usesTapOffload()) {
            TapCheck tap = TapCheck.run();
            for (TapOffload offload : TapOffload.values()) {
                note("TAP " + offload.name().toLowerCase(Locale.ROOT), true, tap.result(offload), true, "", on, off);
            }
        }
    }

    private static void note(
            String name,
            boolean wanted,
            ProbeResult result,
            boolean supported,
            String lacking,
            List<String> on,
            Map<String, String> off) {
        if (!wanted) off.put(name, "configured off");
        else if (!supported) off.put(name, lacking);
        else if (!result.passed()) off.put(name, result.text());
        else on.add(name);
    }
}
