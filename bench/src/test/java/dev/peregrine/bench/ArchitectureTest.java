package dev.peregrine.bench;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.Architectures.LayeredArchitecture;
import java.util.List;

/** The directions of dependency within the benchmarks. */
@AnalyzeClasses(packages = "dev.peregrine.bench", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String ROOT = "dev.peregrine.bench.";

    /** Each package, and the packages of this module that it uses. */
    private static final String LAYERS = """
            report       :
            machine      :
            experiment   : report machine
            chain        :
            policy       : report experiment chain
            econ         : report experiment chain policy
            falcon.model : experiment chain
            falcon       : report experiment chain falcon.model
            micro        : chain policy
            wire.lab     :
            wire.drops   : wire.lab
            wire.row     : machine experiment wire.lab
            wire.report  : report machine experiment wire.lab wire.row
            wire         : report machine experiment wire.lab wire.drops wire.row wire.report
            """;

    @ArchTest
    static final ArchRule everyPackageIsALayerAndUsesOnlyThoseNamed = layers();

    private static ArchRule layers() {
        List<String[]> lines =
                LAYERS.lines().map(line -> line.split("\\s*:\\s*", -1)).toList();
        LayeredArchitecture layers = layeredArchitecture().consideringOnlyDependenciesInLayers();
        for (String[] line : lines) {
            layers = layers.layer(line[0]).definedBy(ROOT + line[0]);
        }
        for (String[] line : lines) {
            layers = line[1].isEmpty()
                    ? layers.whereLayer(line[0]).mayNotAccessAnyLayer()
                    : layers.whereLayer(line[0]).mayOnlyAccessLayers(line[1].split(" +"));
        }
        // The root has no class but its description; JMH's generated classes lie below their benchmarks' package.
        return layers.ensureAllClassesAreContainedInArchitectureIgnoring(
                "dev.peregrine.bench", ROOT + "micro.jmh_generated..");
    }

    @ArchTest
    static final ArchRule packagesHaveNoCycles =
            slices().matching(ROOT + "(**)").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule onePackageDraws = noClasses()
            .that()
            .resideOutsideOfPackage(ROOT + "report")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.knowm..", "java.awt..");

    @ArchTest
    static final ArchRule theWireMeasuresProgramsFromOutside = noClasses()
            .that()
            .resideInAPackage(ROOT + "wire..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("dev.peregrine.gateway..", "dev.peregrine.overlay..", "dev.peregrine.fastpath..");
}
