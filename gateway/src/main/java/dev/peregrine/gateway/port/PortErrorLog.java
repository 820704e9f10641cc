package dev.peregrine.gateway.port;

import dev.peregrine.dataplane.endpoint.Endpoint;
import dev.peregrine.dataplane.linux.sys.Errno;
import java.util.BitSet;
import java.util.Map;
import java.util.WeakHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the log why the devices and applications of ports refuse frames: each errno once for each port. Belongs to the
 * control thread.
 */
public final class PortErrorLog {
    private static final Logger log = LoggerFactory.getLogger(PortErrorLog.class);

    private final Map<LocalPort, BitSet> told = new WeakHashMap<>();

    /** Tells what is new of a port since the last call. */
    public void tell(LocalPort port) {
        String name = port.port().name();
        BitSet known = told.computeIfAbsent(port, key -> new BitSet());
        for (Endpoint endpoint : port.endpoints()) {
            int errno = endpoint.lastErrno();
            if (errno > 0 && !known.get(errno)) {
                known.set(errno);
                log.warn("port {}: its {} refuses frames: {}: {}", name, port.receiver(), text(errno), advice(errno));
            }
        }
    }

    /** As in {@code EIO (input/output error)}. */
    public static String text(int errno) {
        return Errno.name(errno) + " (" + Errno.text(errno) + ")";
    }

    private static String advice(int errno) {
        return switch (errno) {
            case Errno.EIO, Errno.ENETDOWN -> "is the interface down (ip link, in its namespace)?";
            case Errno.EMSGSIZE -> "its MTU is smaller than that of the VNI (ip link, in its namespace)";
            case Errno.EBADFD, Errno.ENXIO, Errno.ENODEV -> "the device went away";
            case Errno.ENOENT, Errno.ECONNREFUSED -> "does the application receive where deliver says?";
            case Errno.EACCES ->
                "may the gateway write to the application's socket (its mode, and that of its folder)?";
            case Errno.EMFILE, Errno.ENFILE -> "raise the limit of open files (ulimit -n, LimitNOFILE=)";
            default -> "see ip -s link in its namespace";
        };
    }
}
