package dev.peregrine.gateway;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.library.Architectures.LayeredArchitecture;
import dev.peregrine.dataplane.schedule.Topology;
import dev.peregrine.dataplane.stage.Stage;
import java.util.List;

/**
 * The directions of dependency that docs/architecture.md promises. The poms see to those between modules, so only rules
 * that they cannot state are here.
 */
@AnalyzeClasses(
        packages = "dev.peregrine",
        importOptions = {ImportOption.DoNotIncludeTests.class, ArchitectureTest.WithoutTestJars.class})
class ArchitectureTest {
    /** Other modules' tests come as classes or, once packaged, as a jar. */
    static final class WithoutTestJars implements ImportOption {
        @Override
        public boolean includes(Location location) {
            return !location.contains("-tests.jar");
        }
    }

    private static final String ROOT = "dev.peregrine.";
    private static final String DATAPLANE = ROOT + "dataplane.";

    /**
     * Each package, and the packages that it uses. A new package needs a line, and a new arrow an entry: look whether it
     * points from the wire to the control thread before writing it down.
     */
    private static final String LAYERS = """
            dataplane.linux     :
            dataplane.packet    : dataplane.linux
            dataplane.header    : dataplane.packet
            dataplane.stage     : dataplane.packet
            dataplane.device    : dataplane.linux dataplane.packet dataplane.header dataplane.stage
            dataplane.policy    : dataplane.linux dataplane.packet dataplane.header dataplane.stage dataplane.device
            dataplane.schedule  : dataplane.packet dataplane.stage
            dataplane.offload   : dataplane.packet dataplane.header dataplane.stage
            dataplane.endpoint  : dataplane.linux dataplane.packet dataplane.header dataplane.stage dataplane.offload
            vxlan               : dataplane.linux dataplane.packet dataplane.header dataplane.stage dataplane.offload
            vxlan.underlay      : dataplane.linux dataplane.packet dataplane.header dataplane.stage dataplane.offload vxlan
            fastpath            : dataplane.linux dataplane.packet dataplane.header dataplane.stage dataplane.schedule
            overlay             : dataplane.packet dataplane.stage dataplane.device dataplane.policy \
            dataplane.schedule dataplane.offload dataplane.endpoint vxlan vxlan.underlay fastpath
            testkit             : dataplane.linux dataplane.packet dataplane.header dataplane.stage dataplane.device dataplane.policy \
            dataplane.schedule dataplane.offload dataplane.endpoint vxlan vxlan.underlay fastpath overlay
            gateway.config      : dataplane.linux dataplane.packet dataplane.header dataplane.device dataplane.policy \
            dataplane.schedule dataplane.endpoint vxlan vxlan.underlay
            gateway.control     : dataplane.linux gateway.config
            gateway.placement   : dataplane.linux
            gateway.command     : gateway gateway.config gateway.control
            gateway             : dataplane.linux dataplane.packet dataplane.header dataplane.stage dataplane.device \
            dataplane.policy dataplane.schedule dataplane.offload dataplane.endpoint vxlan vxlan.underlay fastpath overlay \
            gateway.config gateway.control gateway.placement gateway.command
            """;

    @ArchTest
    static final ArchRule everyPackageIsALayerAndUsesOnlyThoseNamed = layers();

    private static ArchRule layers() {
        List<String[]> lines =
                LAYERS.lines().map(line -> line.split("\\s*:\\s*", -1)).toList();
        LayeredArchitecture layers = layeredArchitecture().consideringOnlyDependenciesInLayers();
        for (String[] line : lines) layers = layers.layer(line[0]).definedBy(ROOT + line[0]);
        for (String[] line : lines) {
            layers = line[1].isEmpty()
                    ? layers.whereLayer(line[0]).mayNotAccessAnyLayer()
                    : layers.whereLayer(line[0]).mayOnlyAccessLayers(line[1].split(" +"));
        }
        return layers.ensureAllClassesAreContainedInArchitecture();
    }

    /** The version stands in package {@code gateway}, beside {@code Main}, and {@code --version} prints it. */
    @ArchTest
    static final ArchRule packagesHaveNoCycles = slices().matching(ROOT + "(**)")
            .should()
            .beFreeOfCycles()
            .ignoreDependency(ROOT + "gateway.command.Globals$VersionText", ROOT + "gateway.Version");

    /** So that tests and benchmarks run the graph that ships, and none is kept beside it by hand. */
    @ArchTest
    static final ArchRule onePlaceJoinsTheDevices = noClasses()
            .that()
            .resideOutsideOfPackages(ROOT + "overlay", DATAPLANE + "schedule")
            .should()
            .callConstructor(Topology.class);

    @ArchTest
    static final ArchRule systemCallsUseTheJdkAlone = classes()
            .that()
            .resideInAPackage(DATAPLANE + "linux")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("java..", "org.jspecify..", DATAPLANE + "linux");

    /** ADR 9: whoever reads by address goes through the class that explains it. */
    @ArchTest
    static final ArchRule oneClassReadsByAddressThroughAgrona = noClasses()
            .that()
            .doNotHaveFullyQualifiedName(DATAPLANE + "packet.NativeMemory")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.agrona");

    @ArchTest
    static final ArchRule nettyStaysAtTheSeams = noClasses()
            .that()
            .resideOutsideOfPackages(ROOT + "vxlan.underlay", ROOT + "gateway", ROOT + "gateway.control")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.netty..");

    @ArchTest
    static final ArchRule stagesTouchNoSocketThreadLockClockOrLog = noClasses()
            .that()
            .implement(Stage.class)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "java.net..",
                    "java.nio.channels..",
                    "java.util.concurrent.locks..",
                    "java.util.logging..",
                    "org.slf4j..",
                    "io.netty..",
                    DATAPLANE + "linux")
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(Thread.class)
            .orShould()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(System.class, "currentTimeMillis");

    @ArchTest
    static final ArchRule namesSayWhatThingsAre = classes().should(new ArchCondition<JavaClass>("have a telling name") {
        @Override
        public void check(JavaClass item, ConditionEvents events) {
            String name = item.getSimpleName();
            for (String suffix : new String[] {"Utils", "Manager", "Helper", "Impl", "Context"}) {
                if (name.endsWith(suffix)) {
                    events.add(SimpleConditionEvent.violated(item, item.getName() + " ends in " + suffix));
                }
            }
        }
    });
}
