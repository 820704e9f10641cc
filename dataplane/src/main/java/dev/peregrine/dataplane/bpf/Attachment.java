package dev.peregrine.dataplane.bpf;

import dev.peregrine.dataplane.linux.sys.Errno;
import dev.peregrine.dataplane.linux.sys.LinuxException;

/**
 * A program at a hook of an interface. Programs of one hook run one after the other, as long as they say
 * {@link Verdict#NEXT}. It ends with its interface.
 */
public interface Attachment extends AutoCloseable {
    /** The place among the programs that are at the hook already. */
    enum Place {
        /** Before all of them. */
        FIRST,
        /** Behind all of them. */
        LAST
    }

    /**
     * Attaches a program, which may be closed afterwards: as a {@link TcxLink} where the kernel has them, else as a
     * {@link FilterAttachment}.
     *
     * @param index the interface's number in the calling thread's network namespace
     */
    static Attachment attach(LoadedProgram program, int index, Hook hook, Place place) throws LinuxException {
        try {
            return TcxLink.attach(program, index, hook, place);
        } catch (LinuxException e) {
            if (e.errno() != Errno.EINVAL) {
                throw e;
            }
            return FilterAttachment.attach(program, index, hook, place);
        }
    }

    /** Takes the program away from the hook. Calls after the first do nothing. */
    @Override
    void close();
}
