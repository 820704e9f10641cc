package dev.peregrine.gateway.runtime;

import dev.peregrine.dataplane.device.bridge.Bridge;
import dev.peregrine.dataplane.device.port.Port;
import dev.peregrine.gateway.config.model.ScheduleConfig;
import dev.peregrine.gateway.control.ChangeUnconfirmed;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Graphs of two workers, the second of which does not answer when it is told so. */
final class UnsureGraphs implements Graphs {
    private final Bridge bridge;
    private List<Port> first = List.of();
    private List<Port> second = List.of();
    private boolean isComplete;
    private @Nullable ScheduleConfig schedule;
    private int asked;
    private int failing = Integer.MAX_VALUE;
    private int failures;

    UnsureGraphs(Bridge bridge) {
        this.bridge = bridge;
    }

    /** The second worker answers {@code answers} times from now on, and then not {@code failures} times. */
    void answer(int answers, int failures) {
        failing = asked + answers;
        this.failures = failures;
    }

    /** How often the workers were asked. */
    int asked() {
        return asked;
    }

    private boolean answers() {
        int number = asked++;
        return number < failing || number >= failing + failures;
    }

    /** The ports of which all workers have a graph; null when they differ. */
    @Nullable
    List<String> ports() {
        return first.equals(second) ? first.stream().map(Port::name).sorted().toList() : null;
    }

    @Nullable
    ScheduleConfig schedule() {
        return schedule;
    }

    @Override
    public int count() {
        return 2;
    }

    @Override
    public void expect(Port port) {}

    @Override
    public void rebuild(List<Port> ports) throws IOException {
        isComplete = false;
        boolean isUsed = bridge.neighbours().isUsed();
        first = List.copyOf(ports);
        if (!answers()) throw new IOException("worker 1 does not answer");
        second = List.copyOf(ports);
        isComplete = isUsed;
    }

    @Override
    public boolean isIncomplete() {
        return bridge.neighbours().isUsed() && !isComplete;
    }

    @Override
    public void schedule(ScheduleConfig config) throws IOException {
        if (!answers()) throw new IOException("worker 1 does not answer");
        schedule = config;
    }

    @Override
    public void caching(boolean enabled, int shadow) {}

    @Override
    public void awaitGrace() {
        if (!answers()) throw new ChangeUnconfirmed("the change is made", "worker 1 is stuck", null);
    }
}
