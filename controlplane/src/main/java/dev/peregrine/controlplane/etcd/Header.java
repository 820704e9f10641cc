package dev.peregrine.controlplane.etcd;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;

/**
 * Of which cluster an answer is, and of what time.
 *
 * @param revision of the store when it answered; 0 where the answer does not say
 * @param term of the cluster's leader, which never falls
 */
record Header(String cluster, long revision, long term) {
    /** Nothing is known yet. */
    static final Header NONE = new Header("", 0, 0);

    /** The header of an answer. */
    static Header of(JsonNode answer) {
        JsonNode header = answer.path("header");
        return new Header(
                header.path("cluster_id").asText(),
                header.path("revision").asLong(),
                header.path("raft_term").asLong());
    }

    /** Reads the header of an answer; the parser is at the start of its object, and then at the end. */
    static Header read(JsonParser parser) throws IOException {
        String cluster = "";
        long revision = 0;
        long term = 0;
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            parser.nextToken();
            switch (name) {
                case "cluster_id" -> cluster = parser.getValueAsString("");
                case "revision" -> revision = parser.getValueAsLong();
                case "raft_term" -> term = parser.getValueAsLong();
                default -> parser.skipChildren();
            }
        }
        return new Header(cluster, revision, term);
    }

    /** Whether an answer with this header can come after what is known up to {@code revision} of another. */
    boolean follows(Header earlier, long lastRevision) {
        return cluster.equals(earlier.cluster) && term >= earlier.term && revision >= lastRevision;
    }
}
