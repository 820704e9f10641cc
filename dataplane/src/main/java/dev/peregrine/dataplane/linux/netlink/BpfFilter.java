package dev.peregrine.dataplane.linux.netlink;

import dev.peregrine.dataplane.linux.sys.Errno;
import dev.peregrine.dataplane.linux.sys.LinuxException;

/**
 * A BPF program at an interface as a {@code cls_bpf} filter with direct action, for kernels without tcx (before Linux
 * 6.6). Unlike a tcx link it outlives the process that adds it: the next one replaces it.
 *
 * @param index the interface's number in the calling thread's network namespace
 * @param parent {@link #INGRESS} or {@link #EGRESS}
 * @param priority 1 to 65535; filters of lower ones see a frame first
 */
public record BpfFilter(int index, int parent, int priority) {
    /** Where the interface receives. */
    public static final int INGRESS = 0xffff_fff2;

    /** Where the interface sends. */
    public static final int EGRESS = 0xffff_fff3;

    private static final int RTM_NEWQDISC = 36;
    private static final int RTM_NEWTFILTER = 44;
    private static final int RTM_DELTFILTER = 45;
    private static final int TC_H_CLSACT = 0xffff_fff1;
    private static final int CLSACT_HANDLE = 0xffff_0000;
    private static final int TCA_KIND = 1;
    private static final int TCA_OPTIONS = 2;
    private static final int TCA_BPF_FD = 6;
    private static final int TCA_BPF_NAME = 7;
    private static final int TCA_BPF_FLAGS = 8;
    private static final int TCA_BPF_FLAG_ACT_DIRECT = 1;

    /** {@code ETH_P_ALL}, in network order. */
    private static final int ALL_PROTOCOLS = 0x0300;

    private static final int HANDLE = 1;

    /**
     * Puts a program there, in place of one that is there at this priority.
     *
     * @param program an open descriptor, which may be closed afterwards
     * @param name as {@code tc filter} shows it
     */
    public void add(int program, String name) throws LinuxException {
        try (NetlinkSocket socket = NetlinkSocket.open()) {
            addQdisc(socket);
            NetlinkRequest request = filter(RTM_NEWTFILTER, NetlinkRequest.CREATE | NetlinkRequest.REPLACE)
                    .attribute(TCA_KIND, "bpf")
                    .nested(
                            TCA_OPTIONS,
                            options -> options.attribute(TCA_BPF_FD, program)
                                    .attribute(TCA_BPF_NAME, name)
                                    .attribute(TCA_BPF_FLAGS, TCA_BPF_FLAG_ACT_DIRECT));
            socket.exchange(request, "add cls_bpf filter " + name, subject(), answer -> {});
        }
    }

    /** Others may have theirs there: it stays. */
    private void addQdisc(NetlinkSocket socket) throws LinuxException {
        int flags = NetlinkRequest.ACK | NetlinkRequest.CREATE | NetlinkRequest.EXCLUSIVE;
        NetlinkRequest request = NetlinkRequest.traffic(RTM_NEWQDISC, flags, index, CLSACT_HANDLE, TC_H_CLSACT, 0)
                .attribute(TCA_KIND, "clsact");
        try {
            socket.exchange(request, "add qdisc clsact", subject(), answer -> {});
        } catch (LinuxException e) {
            if (e.errno() != Errno.EEXIST) {
                throw e;
            }
        }
    }

    /** Takes the program away; one that is not there, or whose interface has gone, is no error. */
    public void delete() throws LinuxException {
        try (NetlinkSocket socket = NetlinkSocket.open()) {
            socket.exchange(filter(RTM_DELTFILTER, 0), "delete cls_bpf filter", subject(), answer -> {});
        } catch (LinuxException e) {
            if (e.errno() != Errno.ENOENT && e.errno() != Errno.ENODEV && e.errno() != Errno.EINVAL) {
                throw e;
            }
        }
    }

    private NetlinkRequest filter(int type, int flags) {
        int info = priority << 16 | ALL_PROTOCOLS;
        return NetlinkRequest.traffic(type, NetlinkRequest.ACK | flags, index, HANDLE, parent, info);
    }

    private String subject() {
        return "interface " + index + ", " + (parent == INGRESS ? "ingress" : "egress");
    }
}
