package dev.peregrine.controlplane.etcd;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** A key with its value, as an answer or an event of etcd has it. */
final class Pair {
    private static final byte[] NOTHING = {};

    private final byte[] key;
    private final byte[] value;
    private final long lease;
    private final long revision;

    private Pair(byte[] key, byte[] value, long lease, long revision) {
        this.key = key;
        this.value = value;
        this.lease = lease;
        this.revision = revision;
    }

    /** The pair of an event. */
    static Pair of(JsonNode pair) throws IOException {
        return new Pair(
                bytes(pair.path("key")),
                pair.has("value") ? bytes(pair.path("value")) : NOTHING,
                pair.path("lease").asLong(),
                pair.path("mod_revision").asLong());
    }

    private static byte[] bytes(JsonNode base64) throws IOException {
        byte[] bytes = base64.binaryValue();
        if (bytes == null) throw new IOException("an answer that is not etcd's: no base64 where it must be");
        return bytes;
    }

    /** Reads a pair; the parser is at the start of its object, and then at the end. */
    static Pair read(JsonParser parser) throws IOException {
        byte[] key = null;
        byte[] value = NOTHING;
        long lease = 0;
        long revision = 0;
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            parser.nextToken();
            switch (name) {
                case "key" -> key = parser.getBinaryValue();
                case "value" -> value = parser.getBinaryValue();
                case "lease" -> lease = parser.getValueAsLong();
                case "mod_revision" -> revision = parser.getValueAsLong();
                default -> parser.skipChildren();
            }
        }
        if (key == null) throw new IOException("an answer that is not etcd's: a value without a key");
        return new Pair(key, value, lease, revision);
    }

    /** The key's bytes, which are a text only where a gateway has written them. */
    byte[] keyBytes() {
        return key;
    }

    String key() {
        return new String(key, StandardCharsets.UTF_8);
    }

    byte[] value() {
        return value;
    }

    /** The lease that the key is on; 0 for none. */
    long lease() {
        return lease;
    }

    /** The revision that changed the key last. */
    long revision() {
        return revision;
    }
}
