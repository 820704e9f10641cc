package dev.peregrine.bench.chain;

/** How many packets a source has been due to send. Belongs to one worker. */
public interface Pace {
    /** As many packets as the worker takes. */
    Pace UNLIMITED = new Pace() {
        @Override
        public boolean isLimited() {
            return false;
        }

        @Override
        public long due(long nowNanos) {
            return Long.MAX_VALUE;
        }

        @Override
        public long dueNanos(long number) {
            return 0;
        }
    };

    /** Whether packets have times at which they are due. */
    default boolean isLimited() {
        return true;
    }

    /** Packets due since the beginning; never falls. */
    long due(long nowNanos);

    /** When packet {@code number} is due, from 0; 0 where there is no limit. */
    long dueNanos(long number);

    /** Events at a rate per second from {@code startNanos} on, whatever becomes of them: an open loop. */
    static Pace perSecond(double rate, long startNanos) {
        return new Pace() {
            @Override
            public long due(long nowNanos) {
                return Math.max(0, (long) ((nowNanos - startNanos) * rate / 1e9));
            }

            @Override
            public long dueNanos(long number) {
                return startNanos + (long) (number * 1e9 / rate);
            }
        };
    }
}
