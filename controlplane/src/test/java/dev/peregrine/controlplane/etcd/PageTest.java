package dev.peregrine.controlplane.etcd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class PageTest {
    private static final String HEADER = """
            "header": {"cluster_id": "14841639068965178418", "member_id": "1", "revision": "7", "raft_term": "2"}""";
    private static final String PAIRS = """
            "kvs": [
              {"key": "YQ==", "create_revision": "3", "mod_revision": "5", "version": "2", "value": "Yg==",
               "lease": "9"},
              {"value": "", "key": "/w==", "more": {"key": ["x"]}}]""";

    private static Page read(String text) throws IOException {
        return Page.read(text.getBytes(StandardCharsets.UTF_8));
    }

    private static void assertIsThatPage(Page page) {
        assertEquals(new Header("14841639068965178418", 7, 2), page.header());
        assertFalse(page.isLast());
        assertEquals(2, page.pairs().size());
        Pair first = page.pairs().getFirst();
        assertEquals("a", first.key());
        assertArrayEquals(new byte[] {'b'}, first.value());
        assertEquals(9, first.lease());
        assertEquals(5, first.revision());
        Pair last = page.pairs().getLast();
        assertArrayEquals(new byte[] {(byte) 0xff}, last.keyBytes());
        assertEquals(0, last.value().length);
        assertEquals(0, last.lease());
    }

    @Test
    void readsAnAnswerInWhateverOrderItComes() throws IOException {
        assertIsThatPage(read("{" + HEADER + "," + PAIRS + ", \"more\": true, \"count\": \"9\"}"));
        assertIsThatPage(read("{\"more\": true, \"new\": [{\"more\": false}]," + PAIRS + "," + HEADER + "}"));
    }

    /** etcd leaves out members that have their default value. */
    @Test
    void anAnswerWithoutKeysIsTheLastPage() throws IOException {
        Page page = read("{" + HEADER + "}");
        assertTrue(page.isLast());
        assertEquals(List.of(), page.pairs());
    }

    @Test
    void refusesOthers() {
        for (String text : List.of(
                "",
                "[]",
                "null",
                "<html>",
                "{",
                "{" + HEADER + "," + PAIRS,
                "{\"kvs\": null}",
                "{\"kvs\": {\"key\": \"YQ==\"}}",
                "{\"kvs\": [1]}",
                "{\"kvs\": [{\"value\": \"Yg==\"}]}",
                "{\"kvs\": [{\"key\": 1}]}",
                "{\"kvs\": [{\"key\": \"?\"}]}")) {
            assertThrows(IOException.class, () -> read(text), text);
        }
    }
}
