package dev.peregrine.gateway.placement;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.linux.netlink.Link;
import dev.peregrine.dataplane.linux.netlink.Napi;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReceivePathReaderTest {
    private static final ReceivePathReader.Napis NO_NAPI = indexes -> Map.of();
    private static final ReceivePathReader.Napis OLD_KERNEL = indexes -> {
        throw new IOException("list NAPI instances: EOPNOTSUPP");
    };

    @TempDir
    private Path root;

    private FakeSystem system;

    @BeforeEach
    void makeSystem() {
        system = new FakeSystem(root);
    }

    @Test
    void aVirtioCardIsServedByItsInputInterrupts() {
        virtioCard();
        ReceivePath path = look("eth0", NO_NAPI);
        assertEquals(
                List.of(receiver("IRQ 38 (virtio2-input.0)", "1"), receiver("IRQ 40 (virtio2-input.1)", "0")),
                path.receivers());
        assertEquals(List.of(), path.gaps());
        assertEquals(1, path.node());
    }

    private void virtioCard() {
        system.device("eth0", 2)
                .link("sys/class/net/eth0/device", "sys/devices/pci0/03.0/virtio2")
                .file("sys/devices/pci0/03.0/numa_node", "1")
                .irq(37, "virtio2-config", "0", "0-1")
                .irq(38, "virtio2-input.0", "1", "0-1")
                .irq(39, "virtio2-output.0", "0", "0-1")
                .irq(40, "virtio2-input.1", "0", "0-1");
        for (int irq = 37; irq <= 40; irq++) {
            system.file("sys/devices/pci0/03.0/msi_irqs/" + irq, "msix");
        }
    }

    @Test
    void interruptsThatDoOtherWorkAreLeftOut() {
        for (Map.Entry<String, Boolean> name : Map.of(
                        "eth0-TxRx-0", true,
                        "eth0", false,
                        "mlx5_comp0@pci:0000:01:00.0", true,
                        "mlx5_async0@pci:0000:01:00.0", false,
                        "eth0-tx-0", false,
                        "ena-mgmnt@pci:0000:00:05.0", false,
                        "eth0-Tx-Rx-1", true)
                .entrySet()) {
            pciCard(name.getKey(), "i40e-eth0-TxRx-7");
            boolean found = look("eth0", NO_NAPI).receivers().contains(receiver("IRQ 50 (" + name.getKey() + ")", "2"));
            assertEquals(name.getValue(), found, name.getKey());
        }
        pciCard("eth0", "");
        assertEquals(
                List.of(receiver("IRQ 50 (eth0)", "2")), look("eth0", NO_NAPI).receivers(), "a card with one IRQ");
    }

    private void pciCard(String firstIrq, String secondIrq) {
        system.device("eth0", 2)
                .irq(50, firstIrq, "2", "0-7")
                .irq(51, secondIrq, "", "3")
                .file("sys/class/net/eth0/device/msi_irqs/50", "msix")
                .file("sys/class/net/eth0/device/msi_irqs/51", "msix");
    }

    @Test
    void withoutAnEffectiveAffinityTheWantedOneHolds() {
        pciCard("eth0-rx-0", "eth0-rx-1");
        assertTrue(look("eth0", NO_NAPI).receivers().contains(receiver("IRQ 51 (eth0-rx-1)", "3")));
    }

    @Test
    void interruptsThatMayNotBeReadAreTold() {
        pciCard("eth0-rx-0", "eth0-rx-1");
        system.remove("proc/irq/51/effective_affinity_list").remove("proc/irq/51/smp_affinity_list");
        ReceivePath path = look("eth0", NO_NAPI);
        assertEquals(List.of(receiver("IRQ 50 (eth0-rx-0)", "2")), path.receivers());
        assertEquals(List.of("the CPUs of 1 of the 2 IRQs of eth0 cannot be read"), path.gaps());
    }

    @Test
    void ofHundredsOfInterruptsTheFirstAreLookedAt() {
        system.device("eth0", 2);
        for (int irq = 100; irq < 700; irq++) {
            system.irq(irq, "eth0-TxRx-" + (irq - 100), "0", "0-7");
            system.file("sys/class/net/eth0/device/msi_irqs/" + irq, "msix");
        }
        assertEquals(256, look("eth0", NO_NAPI).receivers().size());
    }

    @Test
    void interruptsThatTheDriverTellsAreTaken() {
        pciCard("eth0-TxRx-0", "eth0-TxRx-1");
        system.irq(60, "something", "5", "0-7");
        assertEquals(
                List.of(receiver("IRQ 60 (something)", "5")),
                look("eth0", napis(2, new Napi(1, 60, 0, false))).receivers());
    }

    @Test
    void cardsOnNoPciBusAreFoundByTheNamesOfTheirInterrupts() {
        system.device("eth0", 2)
                .link("sys/class/net/eth0/device", "sys/devices/platform/virtio-mmio.1/virtio1")
                .irq(5, "virtio0", "0", "0-1")
                .irq(6, "virtio1", "1", "0-1");
        assertEquals(
                List.of(receiver("IRQ 6 (virtio1)", "1")), look("eth0", NO_NAPI).receivers());
        system.irq(6, "virtio1", "0", "0-1");
        ReceivePathReader reader = new ReceivePathReader(system.files(), NO_NAPI);
        assertEquals(
                List.of(receiver("IRQ 6 (virtio1)", "0")),
                reader.look(link("eth0", 2)).receivers());
    }

    @Test
    void threadsPollInPlaceOfInterrupts() {
        virtioCard();
        system.thread(900, "napi/eth0-8193", "1").thread(901, "napi/eth0-8194", "0-7");
        ReceivePath path = look("eth0", napis(2, new Napi(8193, 0, 900, true), new Napi(8194, 0, 901, true)));
        assertEquals(
                List.of(receiver("napi/eth0-8193", "1", 900), receiver("napi/eth0-8194", "0-7", 901)),
                path.receivers());
        assertEquals(List.of(), path.gaps());
    }

    @Test
    void aThreadThatNoLongerPollsIsNotCounted() {
        system.device("uB", 3).thread(900, "napi/uB-8193", "1");
        ReceivePathReader.Napis before617 = napis(3, new Napi(8193, 0, 900, false));
        assertEquals(List.of(), look("uB", before617).receivers());
        system.file("sys/class/net/uB/threaded", "1");
        assertEquals(
                List.of(receiver("napi/uB-8193", "1", 900)),
                look("uB", before617).receivers());
    }

    @Test
    void threadsOfAnotherPidNamespaceAreTold() {
        system.device("uB", 3).thread(900, "nginx", "0-7");
        ReceivePath path = look("uB", napis(3, new Napi(8193, 0, 900, true), new Napi(8194, 0, 901, true)));
        assertEquals(List.of(), path.receivers());
        assertEquals(List.of("the NAPI threads of uB cannot be seen from this pid namespace"), path.gaps());
    }

    @Test
    void onOlderKernelsThreadsAreFoundByName() {
        system.device("enp3s0f0np0", 4)
                .file("sys/class/net/enp3s0f0np0/threaded", "1")
                .thread(2, "kthreadd", "0-7")
                .file("proc/2/task/2/children", "3 900 901 902 903 ")
                .thread(3, "kworker/0:0", "0")
                .thread(900, "napi/enp3s0f0np0-8193", "1")
                .thread(901, "napi/enp3s0f0n", "2")
                .thread(902, "napi/enp3s0f0np1-8194", "3");
        ReceivePathReader reader = new ReceivePathReader(system.files(), OLD_KERNEL);
        Link link = link("enp3s0f0np0", 4);
        assertEquals(
                List.of(receiver("napi/enp3s0f0np0-8193", "1")),
                reader.look(link).receivers());
        system.thread(900, "napi/enp3s0f0np0-8193", "5");
        assertEquals(
                List.of(receiver("napi/enp3s0f0np0-8193", "5")),
                reader.look(link).receivers());
        system.thread(900, "kworker/1:1", "1").thread(903, "napi/enp3s0f0np", "6"); // the interface was set down and up
        assertEquals(
                List.of(receiver("napi/enp3s0f0np", "6")), reader.look(link).receivers());
        system.thread(2, "sh", "0-7");
        assertEquals(
                List.of("the NAPI threads of enp3s0f0np0 cannot be seen from this pid namespace"),
                reader.look(link).gaps());
        system.file("sys/class/net/enp3s0f0np0/threaded", "0");
        assertEquals(List.of(), reader.look(link).receivers());
    }

    @Test
    void steeringIsFollowed() {
        virtioCard();
        system.file("sys/class/net/eth0/queues/rx-0/rps_cpus", "00000001,00000006")
                .file("sys/class/net/eth0/queues/tx-0/xps_cpus", "ff");
        assertTrue(look("eth0", NO_NAPI).receivers().contains(receiver("RPS of eth0 rx-0", "1-2,32")));
    }

    @Test
    void devicesBelowAreFollowed() {
        system.device("br0", 9).device("bond0.5", 8).device("bond0", 7);
        system.link("sys/class/net/br0/lower_bond0.5", "sys/class/net/bond0.5")
                .link("sys/class/net/bond0.5/lower_bond0", "sys/class/net/bond0")
                .link("sys/class/net/bond0/lower_eth0", "sys/class/net/eth0")
                .link("sys/class/net/bond0/lower_br0", "sys/class/net/br0"); // whatever sysfs says, it ends
        virtioCard();
        ReceivePath path = look("br0", NO_NAPI);
        assertEquals(2, path.receivers().size(), path::toString);
        assertEquals(1, path.node());
    }

    @Test
    void aDeviceThatReceivesOnTheSendersCpuIsTold() {
        system.device("uB", 3);
        assertEquals(
                List.of("uB has neither an IRQ nor a NAPI thread: it receives on the sender's CPU"),
                look("uB", NO_NAPI).gaps());
    }

    @Test
    void anotherNamespacesSysfsIsNotBelieved() {
        virtioCard();
        for (Link other : List.of(link("eth0", 3), link("eth0", 2, 0x020000000002L), link("eth7", 2))) {
            ReceivePath path = new ReceivePathReader(system.files(), NO_NAPI).look(other);
            assertEquals(List.of(), path.receivers());
            assertTrue(path.gaps().getFirst().contains("another network namespace"), path::toString);
        }
    }

    @Test
    void anEmptySystemIsUnknownAndFlat() {
        ReceivePath path = look("eth0", OLD_KERNEL);
        assertEquals(List.of(), path.receivers());
        assertEquals(1, path.gaps().size());
        CpuTopology topology = CpuTopology.read(system.files(), CpuSet.of(0, 1));
        assertEquals(CpuTopology.FLAT, topology);
        assertEquals(CpuSet.of(1), topology.core(1));
    }

    @Test
    void theTopologyIsRead() {
        for (int cpu : IntStream.range(0, 4).toArray()) {
            system.file(
                    "sys/devices/system/cpu/cpu" + cpu + "/topology/thread_siblings_list", (cpu & 1) + "," + (cpu | 2));
        }
        system.file("sys/devices/system/node/node0/cpulist", "0-1")
                .file("sys/devices/system/node/node1/cpulist", "2-3");
        system.file("sys/devices/system/node/online", "0-1").file("sys/devices/system/node/node2/cpulist", "nonsense");
        CpuTopology topology = CpuTopology.read(system.files(), CpuSet.of(0, 1, 2));
        assertEquals(CpuSet.of(0, 2), topology.core(0));
        assertEquals(CpuSet.of(3), topology.core(3), "not asked for");
        assertEquals(1, topology.node(2));
    }

    private ReceivePath look(String device, ReceivePathReader.Napis napis) {
        int index = Optional.of(device)
                .flatMap(name -> system.files().number("sys/class/net/%s/ifindex".formatted(name)))
                .orElse(2);
        return new ReceivePathReader(system.files(), napis).look(link(device, index));
    }

    private static ReceivePathReader.Napis napis(int index, Napi... napis) {
        return indexes -> indexes.contains(index) ? Map.of(index, List.of(napis)) : Map.of();
    }

    private static Link link(String name, int index) {
        return link(name, index, 0x020000000001L);
    }

    private static Link link(String name, int index, long mac) {
        return new Link(
                index, name, 1500, mac, "", 1, 1000, new Link.Statistics(0, 0, 0, 0, 0, 0, 0, 0), Optional.empty());
    }

    private static Receiver receiver(String name, String cpus, int thread) {
        return new Receiver(name, CpuSet.parseList(cpus).orElseThrow(), thread);
    }

    private static Receiver receiver(String name, String cpus) {
        return new Receiver(name, CpuSet.parseList(cpus).orElseThrow());
    }
}
