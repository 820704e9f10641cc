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
            dataplane.packet               : dataplane.linux.sys
            dataplane.header               : dataplane.packet
            dataplane.stage                : dataplane.packet
            dataplane.testing.live         : dataplane.linux.sys dataplane.linux.namespace
            dataplane.linux.sys            :
            dataplane.linux.namespace      : dataplane.linux.sys
            dataplane.linux.netlink        : dataplane.linux.sys dataplane.linux.namespace
            dataplane.linux.socket         : dataplane.linux.sys dataplane.linux.namespace dataplane.linux.netlink
            dataplane.linux.tun            : dataplane.linux.sys dataplane.linux.namespace dataplane.linux.netlink
            dataplane.offload              : dataplane.packet dataplane.header dataplane.stage
            dataplane.schedule             : dataplane.packet dataplane.stage
            dataplane.observe              : dataplane.packet dataplane.header dataplane.offload \
            dataplane.policy.match
            dataplane.device.fdb           : dataplane.packet dataplane.header
            dataplane.device.port          : dataplane.packet dataplane.header dataplane.stage
            dataplane.device.neighbour     : dataplane.packet dataplane.header dataplane.stage dataplane.linux.sys \
            dataplane.device.fdb
            dataplane.device.bridge        : dataplane.packet dataplane.header dataplane.stage dataplane.device.fdb \
            dataplane.device.port dataplane.device.neighbour
            dataplane.endpoint             : dataplane.packet dataplane.stage dataplane.offload
            dataplane.endpoint.device      : dataplane.packet dataplane.header dataplane.linux.sys \
            dataplane.linux.namespace dataplane.linux.netlink dataplane.linux.socket dataplane.linux.tun \
            dataplane.offload dataplane.endpoint
            dataplane.endpoint.socket      : dataplane.packet dataplane.header dataplane.linux.sys \
            dataplane.linux.socket dataplane.endpoint
            dataplane.policy.antispoof     : dataplane.packet dataplane.header
            dataplane.policy.match         : dataplane.packet dataplane.header dataplane.linux.sys
            dataplane.policy.conntrack     : dataplane.packet dataplane.header dataplane.linux.sys \
            dataplane.policy.match
            dataplane.policy               : dataplane.packet dataplane.header dataplane.stage dataplane.device.fdb \
            dataplane.device.port dataplane.policy.antispoof dataplane.policy.match dataplane.policy.conntrack
            vxlan                          : dataplane.packet dataplane.header dataplane.stage dataplane.linux.sys \
            dataplane.linux.socket dataplane.offload
            vxlan.underlay                 : dataplane.packet dataplane.header dataplane.stage dataplane.linux.sys \
            dataplane.linux.socket dataplane.offload vxlan
            vxlan.underlay.socket          : dataplane.packet dataplane.header dataplane.linux.sys \
            dataplane.linux.namespace dataplane.linux.socket dataplane.offload vxlan vxlan.underlay
            fastpath                       : dataplane.packet dataplane.header dataplane.stage dataplane.linux.sys \
            dataplane.schedule
            overlay                        : dataplane.packet dataplane.stage dataplane.offload dataplane.schedule \
            dataplane.device.fdb dataplane.device.port dataplane.device.neighbour dataplane.device.bridge \
            dataplane.endpoint dataplane.policy vxlan vxlan.underlay fastpath
            testkit.live                   : dataplane.testing.live
            testkit                        : dataplane.packet dataplane.header dataplane.stage dataplane.linux.sys \
            dataplane.offload dataplane.schedule dataplane.device.fdb dataplane.device.port dataplane.device.neighbour \
            dataplane.device.bridge dataplane.endpoint dataplane.policy.conntrack dataplane.policy vxlan \
            vxlan.underlay fastpath overlay
            gateway.log                    :
            gateway.placement              : dataplane.linux.sys dataplane.linux.netlink
            gateway.http                   : dataplane.linux.sys gateway.metric
            gateway.control.report         :
            gateway.control                : dataplane.linux.sys gateway.config.schema gateway.config.value
            gateway.control.request        : gateway.control gateway.config.value
            gateway.control.request.change : gateway.control
            gateway.config.schema          : dataplane.packet
            gateway.config.value           : dataplane.header dataplane.linux.sys
            gateway.config.model.policy    : dataplane.linux.sys dataplane.policy.match dataplane.policy \
            gateway.config.value
            gateway.config.model           : dataplane.packet dataplane.linux.sys dataplane.linux.netlink \
            dataplane.linux.socket dataplane.schedule dataplane.endpoint.socket dataplane.policy.match \
            dataplane.policy.conntrack vxlan vxlan.underlay gateway.config.schema gateway.config.value \
            gateway.config.model.policy
            gateway.config.keys            : dataplane.header dataplane.linux.sys dataplane.linux.netlink \
            dataplane.schedule dataplane.policy.match dataplane.policy.conntrack dataplane.policy vxlan vxlan.underlay \
            gateway.config.schema gateway.config.value gateway.config.model.policy gateway.config.model
            gateway.config.rules           : dataplane.packet dataplane.header dataplane.linux.sys \
            dataplane.policy.match dataplane.policy gateway.config.schema gateway.config.value \
            gateway.config.model.policy gateway.config.model gateway.config.keys
            gateway.config                 : dataplane.packet dataplane.linux.namespace dataplane.device.fdb \
            dataplane.policy.match dataplane.policy.conntrack gateway.config.schema gateway.config.value \
            gateway.config.model.policy gateway.config.model gateway.config.keys gateway.config.rules
            gateway.config.change          : dataplane.linux.sys vxlan gateway.config.schema gateway.config.value \
            gateway.config.model.policy gateway.config.model gateway.config.keys gateway.config
            gateway.policy                 : dataplane.packet dataplane.header dataplane.linux.sys \
            dataplane.device.fdb dataplane.policy.antispoof dataplane.policy.match dataplane.policy.conntrack \
            dataplane.policy gateway.control.report gateway.control gateway.control.request gateway.config.schema \
            gateway.config.value gateway.config.model.policy gateway.config.model gateway.config
            gateway.worker                 : dataplane.packet dataplane.stage dataplane.linux.sys dataplane.schedule \
            dataplane.device.port dataplane.endpoint vxlan.underlay vxlan.underlay.socket fastpath overlay \
            gateway.placement gateway.config.schema gateway.config.model gateway.config
            gateway.port                   : dataplane.packet dataplane.stage dataplane.linux.sys \
            dataplane.linux.namespace dataplane.linux.netlink dataplane.linux.socket dataplane.linux.tun \
            dataplane.device.fdb dataplane.device.port dataplane.device.neighbour dataplane.device.bridge \
            dataplane.endpoint dataplane.endpoint.device dataplane.endpoint.socket vxlan gateway.config.schema \
            gateway.config.value gateway.config.model gateway.config gateway.worker
            gateway.underlay               : dataplane.packet dataplane.linux.sys dataplane.linux.netlink \
            dataplane.device.fdb dataplane.device.port dataplane.device.bridge vxlan vxlan.underlay \
            vxlan.underlay.socket gateway.placement gateway.control.report gateway.config.model gateway.worker \
            gateway.port
            gateway.drops                  : dataplane.packet dataplane.linux.sys dataplane.linux.namespace \
            dataplane.linux.netlink vxlan gateway.control.report gateway.config.value gateway.config.model \
            gateway.worker gateway.port gateway.underlay
            gateway.doctor.probe           : dataplane.packet dataplane.header dataplane.linux.sys \
            dataplane.linux.netlink dataplane.linux.socket gateway.placement
            gateway.doctor.check           : dataplane.linux.sys dataplane.linux.netlink gateway.placement \
            gateway.config.model gateway.config
            gateway.doctor.host            : dataplane.linux.sys dataplane.linux.namespace dataplane.linux.netlink \
            gateway.placement gateway.config.schema gateway.config.model gateway.config gateway.doctor.probe \
            gateway.doctor.check
            gateway.doctor.network         : dataplane.packet dataplane.linux.sys dataplane.linux.namespace \
            dataplane.linux.netlink dataplane.linux.socket dataplane.linux.tun dataplane.offload \
            dataplane.endpoint.device vxlan.underlay vxlan.underlay.socket gateway.placement gateway.config.value \
            gateway.config.model gateway.underlay gateway.doctor.probe gateway.doctor.check
            gateway.doctor                 : dataplane.linux.netlink gateway.doctor.probe gateway.doctor.check \
            gateway.doctor.host gateway.doctor.network
            gateway.command.client         : gateway.control gateway.config.schema gateway.config.model gateway.config
            gateway.command.manual         : gateway.command.client
            gateway.command.table          : gateway.config.schema gateway.command.client
            gateway.command.noun           : gateway.control gateway.control.request gateway.control.request.change \
            gateway.config.schema gateway.config.value gateway.config.model gateway.command.client \
            gateway.command.table
            gateway.command.top            : gateway.command.client gateway.command.noun
            gateway.command                : dataplane.linux.sys dataplane.linux.namespace dataplane.linux.socket \
            gateway.log gateway.placement gateway.http gateway.control gateway.control.request.change \
            gateway.config.schema gateway.config.model gateway.config gateway.doctor.check gateway.doctor \
            gateway.command.client gateway.command.manual gateway.command.table gateway.command.noun \
            gateway.command.top
            gateway.runtime                : dataplane.stage dataplane.linux.sys dataplane.offload dataplane.schedule \
            dataplane.device.fdb dataplane.device.port dataplane.device.neighbour dataplane.device.bridge \
            dataplane.endpoint dataplane.policy.conntrack dataplane.policy vxlan vxlan.underlay vxlan.underlay.socket \
            fastpath overlay gateway.placement gateway.control.report gateway.control gateway.config.schema \
            gateway.config.value gateway.config.model.policy gateway.config.model gateway.config gateway.config.change \
            gateway.policy gateway.worker gateway.port gateway.underlay gateway.drops gateway.command gateway.metric
            gateway.metric                 : dataplane.stage
            gateway.metric.source          : dataplane.packet dataplane.stage dataplane.linux.sys dataplane.offload \
            dataplane.schedule dataplane.device.fdb dataplane.device.port dataplane.device.neighbour \
            dataplane.device.bridge dataplane.policy.conntrack dataplane.policy vxlan vxlan.underlay fastpath \
            gateway.control.report gateway.control gateway.config.model gateway.policy gateway.worker gateway.port \
            gateway.underlay gateway.drops gateway.runtime gateway.metric
            gateway.observe.tap            : dataplane.packet dataplane.header dataplane.stage dataplane.observe \
            dataplane.device.port vxlan fastpath overlay
            gateway.observe                : dataplane.packet dataplane.header dataplane.stage dataplane.linux.sys \
            dataplane.schedule dataplane.observe dataplane.device.port dataplane.policy.match vxlan fastpath overlay \
            gateway.control gateway.control.request gateway.config.schema gateway.config.value gateway.config.model \
            gateway.worker gateway.port gateway.runtime gateway.observe.tap
            gateway.noun                   : dataplane.packet dataplane.header dataplane.stage dataplane.linux.sys \
            dataplane.linux.netlink dataplane.schedule dataplane.device.fdb dataplane.device.port \
            dataplane.device.neighbour dataplane.device.bridge dataplane.endpoint dataplane.policy.conntrack \
            dataplane.policy vxlan vxlan.underlay fastpath overlay gateway.control.report gateway.control \
            gateway.control.request gateway.control.request.change gateway.config.schema gateway.config.value \
            gateway.config.model gateway.config gateway.config.change gateway.policy gateway.worker gateway.port \
            gateway.underlay gateway.drops gateway.runtime gateway.observe
            gateway                        : gateway.config.schema gateway.config gateway.command gateway.runtime \
            gateway.metric.source gateway.noun
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
