package dev.peregrine.controlplane.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;

/**
 * A change that is to be made to an object of the API server.
 *
 * @param object the object's name
 * @param path where it is sent to
 * @param body what is sent; a missing node for nothing
 */
record Change(Verb verb, String object, String path, JsonNode body) {
    /** The kind of change. */
    enum Verb {
        /** Makes an object. */
        CREATE("POST", "application/json"),
        /** Changes fields of an object (RFC 7386). */
        PATCH("PATCH", "application/merge-patch+json"),
        /** Removes an object. */
        DELETE("DELETE", "application/json");

        private final String method;
        private final String contentType;

        Verb(String method, String contentType) {
            this.method = method;
            this.contentType = contentType;
        }

        /** The method of HTTP. */
        String method() {
            return method;
        }

        String contentType() {
            return contentType;
        }
    }

    static Change create(String object, String collection, JsonNode body) {
        return new Change(Verb.CREATE, object, collection, body);
    }

    static Change patch(String object, String path, JsonNode body) {
        return new Change(Verb.PATCH, object, path, body);
    }

    static Change delete(String object, String path) {
        return new Change(Verb.DELETE, object, path, MissingNode.getInstance());
    }

    /** The same for an object that is there already: only for one that makes an object. */
    Change ofExisting() {
        return patch(object, path + "/" + object, body);
    }
}
