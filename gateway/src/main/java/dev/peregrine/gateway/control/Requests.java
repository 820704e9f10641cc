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
import dev.peregrine.gateway.config.value.Addresses;
import dev.peregrine.gateway.config.value.MacAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The arguments of requests between JSON and their records. Nothing is coerced, an argument that is null is one that is
 * not given, and a flag that is not given is false.
 */
public final class Requests {
    private static final ObjectMapper JSON = JsonMapper.builder()
            .defaultPropertyInclusion(
                    JsonInclude.Value.construct(JsonInclude.Include.NON_NULL, JsonInclude.Include.ALWAYS))
            .addModule(new SimpleModule()
                    .addSerializer(MacAddress.class, ToStringSerializer.instance)
                    .addDeserializer(String.class, text(String.class, "a string", text -> text))
                    .addDeserializer(MacAddress.class, text(MacAddress.class, "a unicast MAC address", Requests::mac))
                    .addDeserializer(
                            InetAddress.class, text(InetAddress.class, "an IPv4 or IPv6 address", Addresses::parse))
                    .addDeserializer(Direction.class, text(Direction.class, "in or out", Direction::parse))
                    .addDeserializer(
                            Vni.class, new Strict<>(Vni.class, "an integer from 0 to " + Vni.MAX, null, Requests::vni))
                    .addDeserializer(boolean.class, flag(false))
                    .addDeserializer(Boolean.class, flag(null)))
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
    public static <T> T required(@Nullable T argument, String name) {
        if (argument == null) throw new IllegalArgumentException(name + " is missing");
        return argument;
    }

    private static @Nullable MacAddress mac(String text) {
        MacAddress mac = MacAddress.parse(text);
        return mac != null && mac.isUnicast() ? mac : null;
    }

    private static <T> Strict<T> text(Class<T> type, String expected, Function<String, @Nullable T> parser) {
        return new Strict<>(type, expected, null, from -> {
            if (!from.hasToken(JsonToken.VALUE_STRING)) throw mismatch(from, "a string");
            return parser.apply(from.getText());
        });
    }

    private static Strict<Boolean> flag(@Nullable Boolean ifNotGiven) {
        return new Strict<>(Boolean.class, "true or false", ifNotGiven, from -> switch (from.currentToken()) {
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            default -> null;
        });
    }

    private static @Nullable Vni vni(JsonParser from) throws IOException {
        boolean isInt = from.hasToken(JsonToken.VALUE_NUMBER_INT) && from.getNumberType() == JsonParser.NumberType.INT;
        int number = isInt ? from.getIntValue() : -1;
        return Vni.isValid(number) ? new Vni(number) : null;
    }

    private static MismatchedInputException mismatch(JsonParser from, String expected) {
        return MismatchedInputException.from(from, Object.class, "expected " + expected);
    }

    private interface Reader<T> {
        /** The value that comes next; null when it is something else. */
        @Nullable
        T read(JsonParser from) throws IOException;
    }

    /** Reads values of one type, and says what was expected if it is something else. */
    private static final class Strict<T> extends StdDeserializer<T> {
        private static final long serialVersionUID = 1L;

        private final String expected;
        private final transient @Nullable T ifNotGiven;
        private final transient Reader<T> reader;

        Strict(Class<T> type, String expected, @Nullable T ifNotGiven, Reader<T> reader) {
            super(type);
            this.expected = expected;
            this.ifNotGiven = ifNotGiven;
            this.reader = reader;
        }

        @Override
        public T deserialize(JsonParser from, DeserializationContext context) throws IOException {
            T value = reader.read(from);
            if (value == null) throw mismatch(from, expected);
            return value;
        }

        @Override
        public @Nullable T getNullValue(DeserializationContext context) {
            return ifNotGiven;
        }
    }
}
