package dev.peregrine.gateway.control;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import dev.peregrine.gateway.config.Addresses;
import dev.peregrine.gateway.config.MacAddress;
import java.io.IOException;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * The arguments of requests between JSON and their records. Nothing is coerced, an argument that is null is one that is not
 * given, and a flag that is not given is false.
 */
public final class Requests {
    private static final ObjectMapper JSON = JsonMapper.builder()
            .defaultPropertyInclusion(
                    JsonInclude.Value.construct(JsonInclude.Include.NON_NULL, JsonInclude.Include.ALWAYS))
            .addModule(new SimpleModule()
                    .addSerializer(MacAddress.class, ToStringSerializer.instance)
                    .addDeserializer(String.class, new Text<>(String.class, "a string", text -> text))
                    .addDeserializer(
                            MacAddress.class, new Text<>(MacAddress.class, "a unicast MAC address", Requests::mac))
                    .addDeserializer(
                            InetAddress.class,
                            new Text<>(InetAddress.class, "an IPv4 or IPv6 address", Addresses::parse))
                    .addDeserializer(Direction.class, new Text<>(Direction.class, "in or out", Direction::parse))
                    .addDeserializer(Vni.class, new VniReader())
                    .addDeserializer(boolean.class, new Flag(false))
                    .addDeserializer(Boolean.class, new Flag(null)))
            .build();

    private Requests() {}

    /** A request's arguments as they are sent. */
    public static JsonNode write(Record request) {
        return JSON.valueToTree(request);
    }

    /** Reads the arguments of a request. */
    static <R extends Record> R read(JsonNode arguments, Class<R> type) throws BadRequest {
        try {
            return JSON.treeToValue(arguments, type);
        } catch (UnrecognizedPropertyException unknown) {
            throw new BadRequest("unknown argument " + unknown.getPropertyName());
        } catch (ValueInstantiationException wrong) {
            if (wrong.getCause() instanceof IllegalArgumentException mistake) {
                throw new BadRequest(String.valueOf(mistake.getMessage()));
            }
            throw new IllegalStateException(wrong);
        } catch (JsonMappingException wrong) {
            throw new BadRequest(wrong.getPath().getFirst().getFieldName() + ": " + wrong.getOriginalMessage());
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** An argument that a command cannot do without, for the constructors of requests. */
    static <T> T required(@Nullable T argument, String name) {
        if (argument == null) throw new IllegalArgumentException(name + " is missing");
        return argument;
    }

    private static @Nullable MacAddress mac(String text) {
        MacAddress mac = MacAddress.parse(text);
        return mac != null && mac.isUnicast() ? mac : null;
    }

    private interface Parser<T> {
        /** Null when the text is something else. */
        @Nullable
        T parse(String text);
    }

    /** A value that is written as text. */
    private static final class Text<T> extends StdDeserializer<T> {
        private static final long serialVersionUID = 1L;

        private final String expected;
        private final transient Parser<T> parser;

        Text(Class<T> type, String expected, Parser<T> parser) {
            super(type);
            this.expected = expected;
            this.parser = parser;
        }

        @Override
        public T deserialize(JsonParser from, DeserializationContext context) throws IOException {
            if (!from.hasToken(JsonToken.VALUE_STRING)) throw mismatch(from, "a string");
            T value = parser.parse(from.getText());
            if (value == null) throw mismatch(from, expected);
            return value;
        }

        private MismatchedInputException mismatch(JsonParser from, String wanted) {
            return MismatchedInputException.from(from, handledType(), "expected " + wanted);
        }
    }

    private static final class VniReader extends StdDeserializer<Vni> {
        private static final long serialVersionUID = 1L;

        VniReader() {
            super(Vni.class);
        }

        @Override
        public Vni deserialize(JsonParser from, DeserializationContext context) throws IOException {
            boolean isInt =
                    from.hasToken(JsonToken.VALUE_NUMBER_INT) && from.getNumberType() == JsonParser.NumberType.INT;
            try {
                return new Vni(isInt ? from.getIntValue() : -1);
            } catch (IllegalArgumentException wrong) {
                throw MismatchedInputException.from(from, Vni.class, wrong.getMessage());
            }
        }
    }

    private static final class Flag extends StdDeserializer<Boolean> {
        private static final long serialVersionUID = 1L;

        private final @Nullable Boolean ifNotGiven;

        Flag(@Nullable Boolean ifNotGiven) {
            super(Boolean.class);
            this.ifNotGiven = ifNotGiven;
        }

        @Override
        public Boolean deserialize(JsonParser from, DeserializationContext context) throws IOException {
            if (from.hasToken(JsonToken.VALUE_TRUE)) return true;
            if (from.hasToken(JsonToken.VALUE_FALSE)) return false;
            throw MismatchedInputException.from(from, Boolean.class, "expected true or false");
        }

        @Override
        public @Nullable Boolean getNullValue(DeserializationContext context) {
            return ifNotGiven;
        }
    }
}
