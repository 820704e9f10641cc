package dev.peregrine.gateway.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.peregrine.dataplane.packet.EnumWord;
import dev.peregrine.gateway.config.keys.ControlKeys;
import dev.peregrine.gateway.config.keys.FlowStatesKeys;
import dev.peregrine.gateway.config.keys.PlaneKeys;
import dev.peregrine.gateway.config.keys.PolicyKeys;
import dev.peregrine.gateway.config.keys.PortKeys;
import dev.peregrine.gateway.config.keys.RootKeys;
import dev.peregrine.gateway.config.keys.UnderlayKeys;
import dev.peregrine.gateway.config.keys.VniKeys;
import dev.peregrine.gateway.config.keys.WorkerKeys;
import dev.peregrine.gateway.config.schema.Key;
import dev.peregrine.gateway.config.schema.Key.Presence;
import dev.peregrine.gateway.config.schema.Lists;
import dev.peregrine.gateway.config.schema.Table;
import dev.peregrine.gateway.config.schema.ValueType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code docs/configuration.md} is made of the tables that read the file: write it with -Dpg.docs=write. */
class ConfigurationReferenceTest {
    private static final Path PAGE = Path.of("../docs/configuration.md");

    /** In the order of the page. */
    static final List<Table<?>> TABLES = List.of(
            RootKeys.TABLE,
            UnderlayKeys.TABLE,
            UnderlayKeys.OFFLOAD,
            WorkerKeys.WORKERS,
            WorkerKeys.SCHEDULE,
            WorkerKeys.DEVICE_IDS,
            WorkerKeys.FASTPATH,
            VniKeys.TABLE,
            VniKeys.FDB_ENTRY,
            VniKeys.NEIGHBOUR,
            VniKeys.ANNOUNCE,
            PortKeys.TAP,
            PortKeys.ROUTE,
            PortKeys.VETH,
            PortKeys.INTERFACE,
            PortKeys.SOCKET,
            PolicyKeys.POLICY,
            PolicyKeys.RULES,
            PolicyKeys.RULE,
            PolicyKeys.STORM,
            PolicyKeys.ANTI_SPOOFING,
            PolicyKeys.ADDRESS_SET,
            FlowStatesKeys.TABLE,
            ControlKeys.TABLE,
            ControlKeys.METRICS,
            ControlKeys.DUPLICATE,
            PlaneKeys.ETCD,
            PlaneKeys.TLS,
            PlaneKeys.FILE,
            PlaneKeys.EVPN,
            PlaneKeys.KUBERNETES);

    private static final String HEAD = """
            # Configuration

            One YAML file, given to `peregrine run --config FILE`. `peregrine check --config FILE` says what is wrong
            with one, with line, key, what was found and what was expected; a file with any error is refused whole and
            the exit code is 2. `check --effective` prints it with every default filled in.

            An unknown key is an error. Durations have a unit: `ms`, `s`, `m` or `h`. Sizes are in bytes, or have the
            unit `KiB`, `MiB` or `GiB`. Addresses are IPv4 or IPv6 literals; a name is never resolved. `on` and `true`
            are the same, as are `off` and `false`.

            The file is read at start, and again by `peregrine reload` and SIGHUP: the column *change* says whether a reload
            puts a changed value into effect, or a restart. Some commands change values until a reload or the end of the
            gateway: `port`, `vni`, `vtep` and `flood` what there is, `schedule set` the `mode`, `balance` and `split` of
            `schedule`, `flow on` and `flow off` `fastpath.enabled`, `policy` the policies of VNIs and ports.
            [Operations](operations.md#changing-a-running-gateway) has the rest.

            ```yaml
            underlay:
              local: 198.18.0.2
            vnis:
              - vni: 42
                flood: [198.18.0.1]
                ports:
                  - {name: web, type: tap, device: eth0, netns: cB, addresses: [198.19.0.2/24]}
            ```

            ## In an editor

            `peregrine check --schema` prints a JSON Schema (draft 2020-12) of the file, made of the same tables as this
            page. An editor with the YAML language server completes keys with it, explains them, and marks what does not
            fit. It finds the schema by a comment at the top of the file, with a path from there:

            ```
            peregrine check --schema > peregrine.schema.json
            ```

            ```yaml
            # yaml-language-server: $schema=peregrine.schema.json
            underlay:
              local: 198.18.0.2
            ```

            The schema says what one key may hold. `check` also says what keys demand of each other, whether a duration
            is in its range and an address is of the right kind. The schema is stricter in two points: it wants a number
            without quotes, and quotes around a name that looks like a number.

            <!-- Generated from the key tables in dev.peregrine.gateway.config.keys; a test says how. -->
            """;

    @Test
    void referenceIsWhatTheTablesSay() throws IOException {
        StringBuilder page = new StringBuilder(HEAD);
        for (Table<?> table : TABLES) {
            describe(table, page);
        }
        if ("write".equals(System.getProperty("pg.docs"))) Files.writeString(PAGE, page);
        assertEquals(page.toString(), Files.readString(PAGE), "run this test with -Dpg.docs=write");
    }

    private static <R extends Record> void describe(Table<R> table, StringBuilder page) {
        page.append("\n## ")
                .append(table.title().isEmpty() ? "The file" : "`" + table.title() + "`")
                .append("\n\n");
        page.append("| key | meaning | default | values | change |\n|---|---|---|---|---|\n");
        for (Key<R, ?> key : table.keys()) {
            page.append("| `")
                    .append(key.name())
                    .append("` | ")
                    .append(key.meaning())
                    .append(" | ");
            page.append(defaultOf(key)).append(" | ").append(values(key.type()));
            page.append(" | ").append(effectOf(key)).append(" |\n");
        }
    }

    /** A section says it of each of its keys. */
    private static String effectOf(Key<?, ?> key) {
        return key.type() instanceof Table<?> ? "see there" : EnumWord.of(key.effect());
    }

    private static String defaultOf(Key<?, ?> key) {
        if (key.presence() == Presence.REQUIRED) return "required";
        return key.presence() == Presence.OPTIONAL ? "none" : "`" + key.defaultText() + "`";
    }

    private static String values(ValueType<?> type) {
        return switch (type) {
            case Table<?> table -> "a mapping, see `" + table.title() + "`";
            case Lists.ListType<?>(Table<?> element) -> "a list, see `" + element.title() + "`";
            case Lists.ListType<?>(ValueType<?> element)
            when element.equals(PortKeys.PORT) -> "a list, see `vnis[].ports[]` of each type";
            default -> type.expected();
        };
    }
}
