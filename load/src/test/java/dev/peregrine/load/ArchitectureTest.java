package dev.peregrine.load;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.peregrine.gateway.control.Version;

/** The directions of dependency that docs/architecture.md promises, as far as they concern the load tools. */
@AnalyzeClasses(packages = "dev.peregrine.load", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule ofTheGatewayTheyUseTheCommandLine = noClasses()
            .should()
            .dependOnClassesThat(resideInAPackage("dev.peregrine.gateway..")
                    .and(not(resideInAnyPackage("dev.peregrine.gateway.command..", "dev.peregrine.gateway.config..")))
                    .and(not(belongToAnyOf(Version.class))))
            .because("the load tools measure the gateway and share only how a command line is read");

    @ArchTest
    static final ArchRule ofTheDataPlaneTheyUseSystemCallsAndCounters = noClasses()
            .should()
            .dependOnClassesThat(resideInAPackage("dev.peregrine.dataplane..")
                    .and(not(resideInAnyPackage(
                            "dev.peregrine.dataplane.linux..",
                            "dev.peregrine.dataplane.header",
                            "dev.peregrine.dataplane.packet"))))
            .orShould()
            .dependOnClassesThat(resideInAnyPackage("dev.peregrine.vxlan..", "dev.peregrine.fastpath.."))
            .because("the load tools measure the data plane and do not run on it");

    @ArchTest
    static final ArchRule toolsDoNotKnowEachOther =
            slices().matching("dev.peregrine.load.(*)..").should().notDependOnEachOther();
}
