package dev.peregrine.controlplane.gobgp;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The directions of dependency that docs/architecture.md promises, as far as they concern this module. */
@AnalyzeClasses(
        packages = "dev.peregrine.controlplane.gobgp",
        importOptions = {ImportOption.DoNotIncludeTests.class, ArchitectureTest.WithoutGenerated.class})
class ArchitectureTest {
    /** The classes of GoBGP's messages, which are hundreds. */
    static final class WithoutGenerated implements ImportOption {
        @Override
        public boolean includes(Location location) {
            return !location.contains("/gobgp/api/");
        }
    }

    @ArchTest
    static final ArchRule ofPeregrineItUsesTheSeam = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "dev.peregrine.gateway..",
                    "dev.peregrine.fastpath..",
                    "dev.peregrine.overlay..",
                    "dev.peregrine.controlplane.resolve..",
                    "dev.peregrine.controlplane.etcd..",
                    "dev.peregrine.controlplane.file..",
                    "dev.peregrine.controlplane.kubernetes..")
            .because("it claims and publishes, and touches no table");

    @ArchTest
    static final ArchRule onlyTheServiceIsSeen =
            classes().that().arePublic().and().areTopLevelClasses().should().haveSimpleName("GobgpModule");
}
