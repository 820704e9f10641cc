package dev.peregrine.controlplane.kubernetes;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.peregrine.controlplane.http.Texts;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Reads the objects of a list or of a watch one by one as they come, and of each only what planes need: the images and
 * conditions of a node are passed over.
 */
final class ApiStream {
    /** Bytes of one object at most; etcd takes 1.5 MiB of an API server. */
    static final int OBJECT_BYTES = 4 << 20;

    private static final ObjectMapper MAPPER = new ObjectMapper(JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(100)
                    .maxStringLength(1 << 20)
                    .maxNameLength(1 << 12)
                    .maxNumberLength(64)
                    .build())
            .build());

    private final LimitedInput input;
    private final JsonParser parser;

    /** JSON that is not what an API server writes. */
    static final class Garbled extends IOException {
        private static final long serialVersionUID = 1;

        Garbled(String what) {
            super(what);
        }
    }

    /** Where objects go to. */
    interface Sink {
        /** There is an object, or a version was reached. */
        void event(Event event) throws InterruptedException;
    }

    /** The kind of a watch's event. Objects of a list come as {@link #ADDED}. */
    enum Kind {
        ADDED,
        MODIFIED,
        DELETED,
        /** Of the object only the version counts: all before it was sent. */
        BOOKMARK
    }

    /** An object, and what happened to it. */
    record Event(Kind kind, ApiObject object) {}

    /**
     * The end of a page.
     *
     * @param version the version of the whole list
     * @param next what to ask the next page by; empty after the last one
     */
    record Page(String version, String next) {}

    /** The content of a JSON object of the server: an API object, or a Status. */
    private record Fields(JsonNode metadata, JsonNode spec, JsonNode code, JsonNode message) {
        ApiObject object() {
            return ApiObject.of(metadata, spec);
        }
    }

    ApiStream(InputStream bytes) throws IOException {
        input = new LimitedInput(bytes);
        parser = MAPPER.createParser(input);
    }

    /** Reads a page of a list to its end. */
    Page readPage(Sink sink) throws IOException, InterruptedException {
        expect(parser.nextToken(), JsonToken.START_OBJECT, "a list");
        JsonNode metadata = MissingNode.getInstance();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            if (name.equals("metadata")) {
                metadata = MAPPER.readTree(parser);
            } else if (name.equals("items") && value == JsonToken.START_ARRAY) {
                readItems(sink);
            } else {
                parser.skipChildren();
            }
        }
        expect(parser.currentToken(), JsonToken.END_OBJECT, "the end of a list");
        String version = metadata.path("resourceVersion").asText("");
        if (version.isEmpty()) throw new Garbled("a list without a resourceVersion");
        return new Page(version, metadata.path("continue").asText(""));
    }

    private void readItems(Sink sink) throws IOException, InterruptedException {
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            sink.event(new Event(Kind.ADDED, readFields("an object in a list").object()));
            input.restart();
        }
    }

    /**
     * Reads events until the server ends them.
     *
     * @throws ApiFailure of an event of type ERROR
     */
    void readEvents(Sink sink) throws IOException, InterruptedException, ApiFailure {
        for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
            expect(token, JsonToken.START_OBJECT, "an event");
            readEvent(sink);
            input.restart();
        }
    }

    private void readEvent(Sink sink) throws IOException, InterruptedException, ApiFailure {
        String type = "";
        @Nullable Fields fields = null;
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            if (name.equals("type")) {
                type = value.isScalarValue() ? parser.getText() : "";
                parser.skipChildren();
            } else if (name.equals("object")) {
                fields = readFields("the object of an event");
            } else {
                parser.skipChildren();
            }
        }
        if (fields == null) throw new Garbled("an event without an object");
        switch (type) {
            case "ADDED" -> sink.event(new Event(Kind.ADDED, fields.object()));
            case "MODIFIED" -> sink.event(new Event(Kind.MODIFIED, fields.object()));
            case "DELETED" -> sink.event(new Event(Kind.DELETED, fields.object()));
            case "BOOKMARK" -> sink.event(new Event(Kind.BOOKMARK, fields.object()));
            case "ERROR" ->
                throw new ApiFailure(
                        fields.code.asInt(),
                        "the watch ended: " + fields.message.asText("without a reason"),
                        Duration.ZERO);
            default -> throw new Garbled("an event of the type " + Texts.quoted(type));
        }
    }

    private Fields readFields(String what) throws IOException {
        expect(parser.currentToken(), JsonToken.START_OBJECT, what);
        JsonNode metadata = MissingNode.getInstance();
        JsonNode spec = MissingNode.getInstance();
        JsonNode code = MissingNode.getInstance();
        JsonNode message = MissingNode.getInstance();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            parser.nextToken();
            switch (name) {
                case "metadata" -> metadata = readMetadata();
                case "spec" -> spec = MAPPER.readTree(parser);
                case "code" -> code = MAPPER.readTree(parser);
                case "message" -> message = MAPPER.readTree(parser);
                default -> parser.skipChildren();
            }
        }
        expect(parser.currentToken(), JsonToken.END_OBJECT, "the end of " + what);
        return new Fields(metadata, spec, code, message);
    }

    /** Metadata without {@code managedFields}, which are larger than all the rest. */
    private JsonNode readMetadata() throws IOException {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            parser.skipChildren();
            return MissingNode.getInstance();
        }
        ObjectNode metadata = JsonNodeFactory.instance.objectNode();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            parser.nextToken();
            if (name.equals("managedFields")) {
                parser.skipChildren();
            } else {
                metadata.set(name, MAPPER.readTree(parser));
            }
        }
        return metadata;
    }

    private static void expect(@Nullable JsonToken found, JsonToken wanted, String what) throws IOException {
        if (found != wanted) throw new Garbled("JSON that is not " + what);
    }

    /** Reads one object, as it is the answer to a change. */
    static ApiObject readObject(byte[] bytes) throws IOException {
        JsonNode object = MAPPER.readTree(bytes);
        return ApiObject.of(object.path("metadata"), object.path("spec"));
    }

    /** The message of a Status; empty where there is none. */
    static String readMessage(byte[] bytes) {
        try {
            return MAPPER.readTree(bytes).path("message").asText("");
        } catch (IOException notJson) {
            return "";
        }
    }

    /** JSON of a value that an object holds as text. */
    static JsonNode readText(String text) throws IOException {
        return MAPPER.readTree(text);
    }

    static byte[] write(JsonNode body) throws IOException {
        return MAPPER.writeValueAsBytes(body);
    }

    /** Ends with an error where one object is too large. */
    private static final class LimitedInput extends InputStream {
        private final InputStream input;
        private long left = OBJECT_BYTES;

        LimitedInput(InputStream input) {
            this.input = input;
        }

        /** The next object begins, or will within what the parser has in its buffer. */
        void restart() {
            left = OBJECT_BYTES;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            int count = input.read(buffer, offset, length);
            left -= Math.max(0, count);
            if (left < 0) throw new Garbled("an object of more than " + OBJECT_BYTES + " bytes");
            return count;
        }

        @Override
        public void close() throws IOException {
            input.close();
        }
    }
}
