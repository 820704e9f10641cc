package dev.peregrine.gateway.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.peregrine.gateway.config.keys.NetworkTypes;
import dev.peregrine.gateway.config.schema.BadConfig;
import dev.peregrine.gateway.config.schema.ConfigError;
import dev.peregrine.gateway.config.schema.Key;
import dev.peregrine.gateway.config.schema.Lists;
import dev.peregrine.gateway.config.schema.Table;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/** The schema for editors, held against what the gateway reads and refuses, by a validator that is not ours. */
class JsonSchemaTest {
    private static final Pattern EXAMPLE = Pattern.compile("(?s)```yaml\n(.*?)```");
    private static final Path ROOT = Path.of("..");

    /** Ranges that end before they begin, bits behind a prefix, addresses of no host, a mask, a CPU again. */
    private static final Set<String> TAKES_ARITHMETIC = Set.of(
            "65535-49152",
            "100-99",
            "198.18.0.1/24",
            "224.0.0.1",
            "0.0.0.0",
            "255.255.255.255",
            "0x0800000000000000",
            "3");

    private final ObjectMapper mapper = new ObjectMapper();
    private final SchemaRegistry registry = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
    private final JsonNode document = mapper.valueToTree(ConfigFile.schema());
    private final Schema schema = registry.getSchema(document);

    @Test
    void itIsASchemaItself() {
        Schema ofSchemas = registry.getSchema(SchemaLocation.of("https://json-schema.org/draft/2020-12/schema"));
        assertEquals(List.of(), ofSchemas.validate(document));
    }

    @Test
    void everyMappingRefusesKeysThatItDoesNotKnow() {
        List<JsonNode> mappings = new ArrayList<>(List.of(document));
        document.get("$defs").forEach(mappings::add);
        assertEquals(ConfigurationReferenceTest.TABLES.size(), mappings.size(), "the tables of the reference");
        for (JsonNode mapping : mappings) {
            assertEquals(mapper.valueToTree(false), mapping.get("additionalProperties"), mapping::toPrettyString);
        }
    }

    @Test
    void theExamplesOfTheDocumentsFit() throws IOException {
        int examples = 0;
        for (Path page : pages()) {
            for (MatchResult example :
                    EXAMPLE.matcher(Files.readString(page)).results().toList()) {
                String yaml = example.group(1);
                if (!isWhole(yaml)) continue;
                assertEquals(List.of(), errors(yaml), page + "\n" + yaml);
                examples++;
            }
        }
        assertTrue(examples >= 4, "only " + examples + " whole configurations in the documents");
    }

    @Test
    void filesThatAreReadFitAndSoDoTheirEffectiveConfigurations() throws Exception {
        for (String yaml :
                List.of(ConfigFileTest.resource("every-key.yaml"), ConfigFileTest.UNUSUAL, ConfigFileTest.MINIMAL)) {
            assertEquals(List.of(), errors(yaml), yaml);
            String effective = ConfigFile.parse("f", yaml).effective();
            assertEquals(List.of(), errors(effective), effective);
        }
    }

    /** A default is a value like others. */
    @Test
    void defaultsFit() {
        int defaults = 0;
        for (JsonNode property : document.findParents("default")) {
            if (!property.has("description")) continue; // a key that is called default
            ObjectNode whole = property.deepCopy();
            Schema ofDefault = registry.getSchema(whole.set("$defs", document.get("$defs")));
            assertEquals(List.of(), ofDefault.validate(property.get("default")), property::toPrettyString);
            defaults++;
        }
        assertTrue(defaults > 60, "only " + defaults);
    }

    /** An error of one value alone is marked there, but for a few things that take arithmetic. */
    @Test
    void badValuesAreMarkedWhereTheyStand() throws IOException {
        Set<String> expectations = expectations();
        int marked = 0;
        for (String example : ConfigFileTest.resource("bad-configs.txt").split("===\n", -1)) {
            String[] parts = example.split(">>>\n", 2);
            BadConfig bad = assertThrows(BadConfig.class, () -> ConfigFile.parse("f", parts[0]));
            // An anchor within itself, which no JSON can have.
            if (parts[0].contains("*u")) continue;
            for (ConfigError error : bad.errors()) {
                boolean ofOneValue =
                        expectations.contains(error.expected()) || error.found().equals("an unknown key");
                if (!ofOneValue || TAKES_ARITHMETIC.contains(error.found()) || isRepeated(error, bad)) continue;
                String place = pointer(error.key());
                assertTrue(places(errors(parts[0])).contains(place), () -> error + "\nnot among " + errors(parts[0]));
                marked++;
            }
        }
        assertTrue(marked > 35, "only " + marked);
    }

    /** The expectations of all types: an error with another one is about several keys. */
    private static Set<String> expectations() {
        Set<String> expectations = new HashSet<>();
        for (Table<?> table : ConfigurationReferenceTest.TABLES) {
            expectations.add(table.expected());
            for (Key<?, ?> key : table.keys()) {
                expectations.add(key.type().expected());
                if (key.type() instanceof Lists.ListType<?> list)
                    expectations.add(list.element().expected());
            }
        }
        expectations.add(NetworkTypes.network().expected());
        return expectations;
    }

    /** Whether the key stands there again, with a value that takes the place of the bad one. */
    private static boolean isRepeated(ConfigError error, BadConfig all) {
        return all.errors().stream()
                .anyMatch(other ->
                        other.key().equals(error.key()) && other.found().startsWith("the key again"));
    }

    /** {@code vnis[0].mtu} as a JSON pointer. */
    private static String pointer(String key) {
        return key.isEmpty() ? "" : "/" + key.replace("[", "/").replace("]", "").replace('.', '/');
    }

    /** Where the errors are; those of a key that is missing or unknown are reported at the mapping around it. */
    private static Set<String> places(List<Error> errors) {
        return errors.stream()
                .map(error ->
                        error.getInstanceLocation() + (error.getProperty() == null ? "" : "/" + error.getProperty()))
                .collect(Collectors.toSet());
    }

    private static boolean isWhole(String yaml) {
        try {
            ConfigFile.parse("f", yaml);
            return true;
        } catch (BadConfig fragment) {
            return false;
        }
    }

    /** As an editor reads the text: by the core schema of YAML 1.2. */
    private List<Error> errors(String yaml) {
        LoadSettings settings = LoadSettings.builder()
                .setSchema(new CoreSchema())
                .setAllowDuplicateKeys(true)
                .build();
        return schema.validate(mapper.<JsonNode>valueToTree(new Load(settings).loadFromString(yaml)));
    }

    private static List<Path> pages() throws IOException {
        try (Stream<Path> docs = Files.list(ROOT.resolve("docs"))) {
            return Stream.concat(
                            Stream.of(ROOT.resolve("README.md")),
                            docs.filter(page -> page.toString().endsWith(".md")))
                    .sorted()
                    .toList();
        }
    }
}
