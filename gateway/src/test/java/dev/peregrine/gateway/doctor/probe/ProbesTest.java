package dev.peregrine.gateway.doctor.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.peregrine.gateway.placement.SystemFiles;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of {@code /proc} and {@code /sys} as kernels write them. */
class ProbesTest {
    @TempDir
    Path root;

    private SystemFiles with(String path, String text) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(Objects.requireNonNull(file.getParent()));
        Files.writeString(file, text);
        return new SystemFiles(root);
    }

    @Test
    void capabilitiesAreBitsOfTheStatusFile() throws IOException {
        SystemFiles files = with("proc/self/status", "Name:\tx\nCapPrm:\t0\nCapEff:\t0000000000003000\n");
        assertEquals(
                Optional.of(Set.of(Capability.CAP_NET_ADMIN, Capability.CAP_NET_RAW)),
                Capability.of(files, "proc/self"));
        assertEquals(Optional.empty(), Capability.of(files, "proc/1"));
    }

    @Test
    void theLeastQuotaOfAllGroupsCounts() throws IOException {
        with("proc/self/cgroup", "0::/a/b\n");
        with("sys/fs/cgroup/a/b/cpu.max", "max 100000\n");
        assertEquals(Optional.empty(), CpuQuota.of(new SystemFiles(root), "proc/self"));
        with("sys/fs/cgroup/a/cpu.max", "150000 100000\n");
        SystemFiles files = with("sys/fs/cgroup/a/cpu.stat", "nr_periods 10\nnr_throttled 4\n");
        assertEquals(Optional.of(new CpuQuota(1.5, 4, 10, "/a")), CpuQuota.of(files, "proc/self"));
    }

    @Test
    void groupsOfVersionOneHaveAFolderOfTheirOwn() throws IOException {
        with("proc/self/cgroup", "9:name=systemd:/x\n3:cpu,cpuacct:/g\n2:cpuset:/\n0::/\n");
        with("sys/fs/cgroup/cpu,cpuacct/g/cpu.cfs_period_us", "100000\n");
        SystemFiles files = with("sys/fs/cgroup/cpu,cpuacct/g/cpu.cfs_quota_us", "50000\n");
        assertEquals(Optional.of(new CpuQuota(0.5, 0, 0, "/g")), CpuQuota.of(files, "proc/self"));
    }

    @Test
    void socketsAtTheAddressOrAtAllOfItsFamilyAreInTheWay() throws IOException {
        SystemFiles files = with("proc/thread-self/net/udp", """
                   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
                   81: 020012C6:12B5 00000000:0000 07 00000000:00000000 00:00000000 00000000     7        0 111 2 0 0
                   82: 00000000:12B5 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 112 2 0 0
                   83: 0100007F:12B5 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 113 2 0 0
                   84: 020012C6:12B6 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 114 2 0 0
                """);
        InetAddress local = InetAddress.ofLiteral("198.18.0.2");
        InetAddress any = InetAddress.ofLiteral("0.0.0.0");
        assertEquals(
                List.of(new UdpSockets.Holder(local, 7, 111), new UdpSockets.Holder(any, 0, 112)),
                UdpSockets.at(files, local, 4789));
    }

    @Test
    void socketsOfIpv6HaveAFileOfTheirOwn() throws IOException {
        SystemFiles files = with("proc/thread-self/net/udp6", """
                   sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
                   81: 000018FD000000000000000002000000:12B5 00000000000000000000000000000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 115 2 0 0
                """);
        InetAddress local = InetAddress.ofLiteral("fd18::2");
        assertEquals(List.of(new UdpSockets.Holder(local, 0, 115)), UdpSockets.at(files, local, 4789));
    }
}
