package dev.peregrine.gateway.drops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.vxlan.IpAddress;
import dev.peregrine.vxlan.Rejections;
import dev.peregrine.vxlan.VtepTable;
import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

class RejectionLogTest {
    private final VtepTable vteps = new VtepTable(4789, 16);
    private final RejectionLog log = new RejectionLog(vteps, new Rejections());

    private void from(String address) {
        IpAddress sender = IpAddress.of(InetAddress.ofLiteral(address));
        vteps.port(sender.high(), sender.low());
    }

    @Test
    void eachStrangerIsNamedOnce() {
        assertEquals(List.of(), log.news());
        from("198.18.0.9");
        from("fd00::9");
        from("198.18.0.9");
        List<String> news = log.news();
        assertEquals(2, news.size(), news::toString);
        assertTrue(
                news.getFirst().startsWith("datagrams from 198.18.0.9 are dropped (VTEP_NOT_ALLOWED): "),
                news::toString);
        assertTrue(news.getLast().startsWith("datagrams from fd00::9 are dropped"), news::toString);
        from("fd00::9");
        assertEquals(List.of(), log.news());
    }

    @Test
    void aFloodOfStrangersEndsWithOneLine() {
        for (int i = 0; i < 1000; i++) from("10.0." + i / 250 + "." + (1 + i % 250));
        List<String> news = log.news();
        assertEquals(Rejections.CAPACITY + 1, news.size());
        assertEquals(
                "more than 64 addresses that are no VTEPs: further ones are counted and not named (peregrine drop list)",
                news.getLast());
        from("198.18.0.9");
        assertEquals(List.of(), log.news());
    }
}
