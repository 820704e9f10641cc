package dev.peregrine.controlplane.etcd;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * An answer to a question for keys, read token by token: a tree of it would take five times its bytes, for a picture
 * of 200,000 keys a hundred megabytes that outlive the young generation.
 *
 * @param isLast whether no keys follow
 */
record Page(Header header, List<Pair> pairs, boolean isLast) {
    private static final JsonFactory JSON = new JsonFactory();

    /**
     * Reads an answer.
     *
     * @throws IOException when it is no answer of etcd's
     */
    static Page read(byte[] bytes) throws IOException {
        try (JsonParser parser = JSON.createParser(bytes)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) throw new IOException("an answer that is not etcd's");
            Header header = Header.NONE;
            List<Pair> pairs = new ArrayList<>();
            boolean isLast = true;
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                JsonToken value = parser.nextToken();
                switch (name) {
                    case "header" -> header = Header.read(parser);
                    case "kvs" -> readPairs(parser, pairs);
                    case "more" -> isLast = value != JsonToken.VALUE_TRUE;
                    default -> parser.skipChildren();
                }
            }
            return new Page(header, pairs, isLast);
        } catch (JsonProcessingException e) {
            throw new IOException("an answer that is not etcd's: " + e.getOriginalMessage(), e);
        }
    }

    private static void readPairs(JsonParser parser, List<Pair> pairs) throws IOException {
        if (!parser.isExpectedStartArrayToken()) throw new IOException("an answer that is not etcd's: no list of keys");
        while (parser.nextToken() == JsonToken.START_OBJECT) pairs.add(Pair.read(parser));
        if (!parser.hasToken(JsonToken.END_ARRAY))
            throw new IOException("an answer that is not etcd's: no list of keys");
    }
}
