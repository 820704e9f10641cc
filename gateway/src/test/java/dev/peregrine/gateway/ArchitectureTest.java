package dev.peregrine.gateway;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.peregrine.dataplane.stage.Stage;

/** The directions of dependency that docs/architecture.md promises. */
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

    private static final String DATAPLANE = "dev.peregrine.dataplane.";

    @ArchTest
    static final ArchRule modulesDependInOneDirection = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("dataplane")
            .definedBy("dev.peregrine.dataplane..")
            .layer("vxlan")
            .definedBy("dev.peregrine.vxlan..")
            .layer("testkit")
            .definedBy("dev.peregrine.testkit..")
            .layer("gateway")
            .definedBy("dev.peregrine.gateway..")
            .whereLayer("gateway")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("testkit")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("vxlan")
            .mayOnlyBeAccessedByLayers("gateway", "testkit")
            .whereLayer("dataplane")
            .mayOnlyBeAccessedByLayers("vxlan", "gateway", "testkit");

    @ArchTest
    static final ArchRule packagesOfTheDataplaneDependInOneDirection = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("packet")
            .definedBy(DATAPLANE + "packet")
            .layer("header")
            .definedBy(DATAPLANE + "header")
            .layer("stage")
            .definedBy(DATAPLANE + "stage")
            .layer("device")
            .definedBy(DATAPLANE + "device")
            .layer("policy")
            .definedBy(DATAPLANE + "policy")
            .layer("schedule")
            .definedBy(DATAPLANE + "schedule")
            .whereLayer("policy")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("schedule")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("device")
            .mayOnlyBeAccessedByLayers("policy", "schedule")
            .whereLayer("stage")
            .mayOnlyBeAccessedByLayers("device", "policy", "schedule")
            .whereLayer("header")
            .mayOnlyBeAccessedByLayers("stage", "device", "policy", "schedule");

    @ArchTest
    static final ArchRule systemCallsAreALeaf = noClasses()
            .that()
            .resideInAPackage(DATAPLANE + "linux")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    DATAPLANE + "packet",
                    DATAPLANE + "header",
                    DATAPLANE + "stage",
                    DATAPLANE + "device",
                    DATAPLANE + "schedule",
                    DATAPLANE + "offload",
                    DATAPLANE + "endpoint",
                    "io.netty..",
                    "org.agrona..",
                    "org.jctools..");

    @ArchTest
    static final ArchRule theDataplaneKnowsNoNetty = noClasses()
            .that()
            .resideInAPackage("dev.peregrine.dataplane..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.netty..", "org.slf4j..");

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
    static final ArchRule namesSayWhatThingsAre = classes()
            .should(new com.tngtech.archunit.lang.ArchCondition<JavaClass>("have a telling name") {
                @Override
                public void check(JavaClass item, com.tngtech.archunit.lang.ConditionEvents events) {
                    String name = item.getSimpleName();
                    for (String suffix : new String[] {"Utils", "Manager", "Helper", "Impl", "Context"}) {
                        if (name.endsWith(suffix)) {
                            events.add(com.tngtech.archunit.lang.SimpleConditionEvent.violated(
                                    item, item.getName() + " ends in " + suffix));
                        }
                    }
                }
            });
}
