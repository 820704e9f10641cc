package dev.peregrine.gateway.worker;

import dev.peregrine.fastpath.view.Mismatch;
import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs the first differences that the shadow mode of the flow caches finds. Called by any worker. */
public final class MismatchLog implements Consumer<Mismatch> {
    private static final Logger log = LoggerFactory.getLogger(MismatchLog.class);
    private static final int LIMIT = 20;

    private final AtomicInteger logged = new AtomicInteger();

    @Override
    public void accept(Mismatch mismatch) {
        if (logged.incrementAndGet() <= LIMIT) {
            log.error(
                    "the fast path would not do what the chain does ({}): chain {}, fast path {}",
                    mismatch.what(),
                    HexFormat.of().formatHex(mismatch.chain()),
                    HexFormat.of().formatHex(mismatch.fastPath()));
        }
    }
}
