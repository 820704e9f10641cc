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
import java.util.concurrent.ForkJoinWorkerThread;

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
     * Each package, and the packages that it uses. A new package needs a line, and a new arrow an entry: look whether
     * it points from the wire to the control thread before writing it down.
     */
    private static final String LAYERS = """
            dataplane.packet               : dataplane.linux.sys
            dataplane.bpf                  : dataplane.linux.sys dataplane.linux.netlink
            dataplane.header               : dataplane.packet
            dataplane.stage                : dataplane.packet
            dataplane.linux.sys            :
            dataplane.linux.namespace      : dataplane.linux.sys
            dataplane.linux.netlink        : dataplane.linux.sys dataplane.linux.namespace
            dataplane.linux.netlink.bridge : dataplane.linux.sys dataplane.linux.netlink
            dataplane.linux.socket         : dataplane.packet dataplane.linux.sys dataplane.linux.namespace \
            dataplane.linux.netlink
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
            dataplane.bpf dataplane.offload dataplane.endpoint
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
            fastpath.view                  : dataplane.packet dataplane.stage
            fastpath                       : dataplane.packet dataplane.header dataplane.stage dataplane.linux.sys \
            dataplane.schedule fastpath.view
            fastpath.kernel.table          : dataplane.bpf dataplane.linux.sys fastpath
            fastpath.kernel                : dataplane.bpf dataplane.header dataplane.linux.sys dataplane.packet fastpath \
            fastpath.kernel.table
            overlay                        : dataplane.packet dataplane.stage dataplane.offload dataplane.schedule \
            dataplane.device.fdb dataplane.device.port dataplane.device.neighbour dataplane.device.bridge \
            dataplane.endpoint dataplane.policy vxlan vxlan.underlay fastpath.view fastpath
            controlplane                   : vxlan
            controlplane.http              :
            controlplane.resolve.report    : dataplane.stage vxlan controlplane
            controlplane.resolve           : dataplane.stage dataplane.header dataplane.linux.sys vxlan controlplane \
            controlplane.http controlplane.resolve.report
            controlplane.kubernetes        : dataplane.linux.sys vxlan controlplane controlplane.resolve \
            controlplane.http
            controlplane.etcd              : dataplane.linux.sys vxlan controlplane controlplane.resolve \
            controlplane.http
            controlplane.file              : dataplane.linux.sys vxlan controlplane controlplane.resolve.report \
            controlplane.resolve
            controlplane.evpn              : dataplane.linux.sys dataplane.linux.namespace dataplane.linux.netlink \
            dataplane.linux.netlink.bridge vxlan controlplane
            testkit.live                   :
            testkit                        : dataplane.packet dataplane.header dataplane.stage dataplane.linux.sys \
            dataplane.offload dataplane.schedule dataplane.device.fdb dataplane.device.port dataplane.device.neighbour \
            dataplane.device.bridge dataplane.endpoint dataplane.policy.conntrack dataplane.policy vxlan \
            vxlan.underlay fastpath.view fastpath overlay
            gateway.log                    :
            gateway.placement              : dataplane.linux.sys dataplane.linux.netlink
            gateway.http                   : dataplane.linux.sys gateway.metric
            gateway.control.report         :
            gateway.control.report.policy  : gateway.control.report
            gateway.control                : dataplane.linux.sys gateway.config.schema gateway.config.value
            gateway.control.request        : gateway.control gateway.config.value
            gateway.control.request.policy : gateway.control
            gateway.control.request.change : gateway.control
            gateway.config.schema          : dataplane.packet
            gateway.config.value           : dataplane.header dataplane.linux.sys
            gateway.config.model.policy    : dataplane.linux.sys dataplane.policy.match dataplane.policy \
            gateway.config.value
            gateway.config.model.plane     : controlplane.evpn dataplane.linux.sys
            gateway.config.model           : dataplane.device.bridge dataplane.packet dataplane.linux.sys dataplane.linux.netlink \
            dataplane.linux.socket dataplane.schedule dataplane.endpoint.socket dataplane.policy.match \
            dataplane.policy.conntrack vxlan vxlan.underlay gateway.config.schema gateway.config.value \
            gateway.config.model.policy gateway.config.model.plane
            gateway.config.keys            : controlplane.evpn controlplane.resolve dataplane.device.bridge dataplane.packet dataplane.header dataplane.linux.sys \
            dataplane.linux.netlink dataplane.schedule dataplane.policy.match dataplane.policy.conntrack \
            dataplane.policy vxlan vxlan.underlay gateway.config.schema gateway.config.value gateway.config.model.policy \
            gateway.config.model.plane gateway.config.model
            gateway.config.rules           : controlplane.evpn dataplane.packet dataplane.header dataplane.linux.sys \
            dataplane.policy.match dataplane.policy gateway.config.schema gateway.config.value \
            gateway.config.model.policy gateway.config.model.plane gateway.config.model gateway.config.keys
            gateway.config                 : controlplane.resolve gateway.config.model.plane dataplane.packet dataplane.linux.namespace dataplane.device.fdb \
            dataplane.policy.match dataplane.policy.conntrack gateway.config.schema gateway.config.value \
            gateway.config.model.policy gateway.config.model gateway.config.keys gateway.config.rules
            gateway.config.change          : dataplane.linux.sys vxlan gateway.config.schema gateway.config.value \
            gateway.config.model.policy gateway.config.model.plane gateway.config.model gateway.config.keys \
            gateway.config
            gateway.policy                 : dataplane.bpf dataplane.packet dataplane.header dataplane.linux.sys fastpath.kernel.table \
            dataplane.device.fdb dataplane.policy.antispoof dataplane.policy.match dataplane.policy.conntrack \
            dataplane.policy gateway.control.report.policy gateway.control gateway.control.request.policy \
            gateway.config.schema gateway.config.value gateway.config.model.policy gateway.config.model gateway.config
            gateway.worker                 : dataplane.packet dataplane.stage dataplane.linux.sys dataplane.schedule \
            dataplane.device.port dataplane.endpoint vxlan.underlay vxlan.underlay.socket fastpath.view fastpath \
            overlay gateway.placement gateway.config.schema gateway.config.model gateway.config
            gateway.port                   : dataplane.packet dataplane.stage dataplane.linux.sys \
            dataplane.linux.namespace dataplane.linux.netlink dataplane.linux.socket dataplane.linux.tun \
            dataplane.bpf dataplane.device.fdb dataplane.device.port dataplane.device.neighbour \
            dataplane.device.bridge dataplane.endpoint dataplane.endpoint.device dataplane.endpoint.socket vxlan \
            gateway.config.schema gateway.config.value gateway.config.model gateway.config gateway.worker
            gateway.controlplane           : dataplane.stage dataplane.packet dataplane.device.fdb dataplane.device.neighbour \
            dataplane.device.bridge vxlan controlplane controlplane.resolve.report controlplane.resolve controlplane.http controlplane.etcd controlplane.evpn \
            controlplane.file controlplane.kubernetes dataplane.linux.namespace gateway.config.value gateway.config.model.plane gateway.config.model gateway.worker gateway.port
            gateway.underlay               : dataplane.packet dataplane.linux.sys dataplane.linux.netlink \
            dataplane.device.fdb dataplane.device.port dataplane.device.bridge vxlan vxlan.underlay \
            vxlan.underlay.socket gateway.placement gateway.control.report gateway.config.model gateway.worker \
            gateway.port
            gateway.drops                  : dataplane.packet dataplane.linux.sys dataplane.linux.namespace \
            dataplane.linux.netlink vxlan gateway.control.report gateway.config.value gateway.config.model \
            gateway.worker gateway.port gateway.underlay
            gateway.tier                   : dataplane.packet dataplane.header dataplane.policy.conntrack dataplane.device.port \
            dataplane.stage dataplane.bpf dataplane.linux.sys dataplane.linux.namespace dataplane.linux.netlink \
            dataplane.linux.netlink.bridge dataplane.linux.socket dataplane.schedule vxlan vxlan.underlay \
            vxlan.underlay.socket fastpath fastpath.view fastpath.kernel.table fastpath.kernel overlay gateway.control.report gateway.config.value gateway.config.model gateway.policy gateway.worker gateway.port \
            gateway.underlay
            gateway.doctor.probe           : dataplane.packet dataplane.header dataplane.linux.sys \
            dataplane.linux.netlink dataplane.linux.socket gateway.placement
            gateway.doctor.check           : dataplane.linux.sys dataplane.linux.netlink gateway.placement \
            gateway.config.model gateway.config
            gateway.doctor.host            : dataplane.bpf dataplane.linux.sys dataplane.linux.namespace \
            dataplane.linux.netlink gateway.placement gateway.config.schema gateway.config.model gateway.config \
            gateway.doctor.probe gateway.doctor.check
            gateway.doctor.network         : dataplane.packet dataplane.linux.sys dataplane.linux.namespace \
            dataplane.linux.netlink dataplane.linux.socket dataplane.linux.tun dataplane.offload \
            dataplane.endpoint.device vxlan.underlay vxlan.underlay.socket gateway.placement gateway.config.value \
            gateway.config.model gateway.underlay gateway.doctor.probe gateway.doctor.check
            gateway.doctor.plane           : dataplane.linux.sys dataplane.linux.netlink vxlan controlplane controlplane.etcd \
            controlplane.evpn controlplane.file controlplane.kubernetes gateway.config.value gateway.config.model.plane \
            gateway.config.model gateway.controlplane gateway.doctor.probe gateway.doctor.check
            gateway.doctor                 : dataplane.linux.netlink gateway.doctor.probe gateway.doctor.check \
            gateway.doctor.host gateway.doctor.network gateway.doctor.plane
            gateway.command.client         : gateway.control gateway.config.schema gateway.config.model gateway.config
            gateway.command.manual         : gateway.command.client
            gateway.command.table          : gateway.control.report gateway.config.schema gateway.command.client
            gateway.command.noun           : gateway.control.report gateway.control.report.policy gateway.control \
            gateway.control.request gateway.control.request.policy gateway.control.request.change \
            gateway.config.schema gateway.config.value gateway.config.model gateway.command.client \
            gateway.command.table
            gateway.command.top            : gateway.command.client gateway.command.noun
            gateway.command                : dataplane.linux.sys dataplane.linux.namespace dataplane.linux.socket \
            controlplane.evpn gateway.log gateway.placement gateway.http gateway.control.report gateway.control \
            gateway.control.request.change gateway.config.schema gateway.config.model gateway.config \
            gateway.doctor.check gateway.doctor gateway.command.client gateway.command.manual gateway.command.table \
            gateway.command.noun gateway.command.top
            gateway.runtime                : controlplane.resolve gateway.config.model.plane gateway.controlplane dataplane.stage dataplane.linux.sys dataplane.offload dataplane.schedule \
            dataplane.device.fdb dataplane.device.port dataplane.device.neighbour dataplane.device.bridge \
            dataplane.endpoint dataplane.policy.conntrack dataplane.policy vxlan vxlan.underlay vxlan.underlay.socket \
            fastpath overlay gateway.placement gateway.control.report gateway.control gateway.config.schema \
            gateway.config.value gateway.config.model.policy gateway.config.model gateway.config gateway.config.change \
            gateway.policy gateway.worker gateway.port gateway.underlay gateway.tier gateway.drops gateway.command \
            gateway.metric
            gateway.metric                 : dataplane.stage
            gateway.metric.source          : controlplane controlplane.resolve.report controlplane.resolve dataplane.packet dataplane.stage dataplane.linux.sys \
            dataplane.offload dataplane.schedule dataplane.device.fdb dataplane.device.port dataplane.device.neighbour \
            dataplane.device.bridge dataplane.policy.conntrack dataplane.policy vxlan vxlan.underlay fastpath \
            gateway.control.report gateway.control gateway.config.model gateway.policy gateway.worker gateway.port \
            gateway.underlay gateway.tier gateway.drops gateway.runtime gateway.controlplane gateway.metric
            gateway.observe.tap            : dataplane.packet dataplane.header dataplane.stage dataplane.observe \
            dataplane.device.port vxlan fastpath.view overlay
            gateway.observe                : dataplane.packet dataplane.header dataplane.stage dataplane.linux.sys \
            dataplane.schedule dataplane.observe dataplane.device.port dataplane.policy.match vxlan fastpath.view fastpath \
            overlay gateway.control gateway.control.request gateway.config.schema gateway.config.value gateway.config.model \
            gateway.worker gateway.port gateway.tier gateway.runtime gateway.observe.tap
            gateway.noun                   : controlplane controlplane.resolve.report controlplane.resolve gateway.controlplane dataplane.packet dataplane.header dataplane.stage dataplane.linux.sys \
            dataplane.linux.namespace \
            dataplane.linux.netlink dataplane.schedule dataplane.observe dataplane.device.fdb dataplane.device.port \
            dataplane.device.neighbour dataplane.device.bridge dataplane.endpoint dataplane.policy.match \
            dataplane.policy.conntrack dataplane.policy vxlan vxlan.underlay fastpath.view fastpath overlay gateway.control.report \
            gateway.control.report.policy gateway.control gateway.control.request gateway.control.request.policy \
            gateway.control.request.change gateway.config.schema gateway.config.value gateway.config.model \
            gateway.config gateway.config.change gateway.policy gateway.worker gateway.port gateway.underlay \
            gateway.tier gateway.drops gateway.runtime gateway.observe
            gateway                        : gateway.config.schema gateway.config gateway.command gateway.runtime \
            gateway.metric.source gateway.noun
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

    @ArchTest
    static final ArchRule packagesHaveNoCycles =
            slices().matching(ROOT + "(**)").should().beFreeOfCycles();

    /** So that tests and benchmarks run the graph that ships, and none is kept beside it by hand. */
    @ArchTest
    static final ArchRule onePlaceJoinsTheDevices = noClasses()
            .that()
            .resideOutsideOfPackages(ROOT + "overlay", DATAPLANE + "schedule")
            .should()
            .callConstructor(Topology.class);

    /** The fields of each received datagram are read by address, as packets are. */
    @ArchTest
    static final ArchRule systemCallsUseTheJdkAlone = classes()
            .that()
            .resideInAPackage(DATAPLANE + "linux..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("java..", "org.jspecify..", DATAPLANE + "linux..")
            .orShould()
            .haveFullyQualifiedName(DATAPLANE + "linux.socket.ReceiveVector");

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
            .resideOutsideOfPackages(
                    ROOT + "vxlan.underlay..", ROOT + "gateway.worker", ROOT + "gateway.control", ROOT + "gateway.http")
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
                    DATAPLANE + "linux..")
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(Thread.class)
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(ForkJoinWorkerThread.class) // of classes of the JDK, the names alone are known
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
