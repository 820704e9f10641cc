package dev.peregrine.gateway.config.change;

import java.util.List;

/**
 * The effects of a change of the configuration, done or not yet.
 *
 * @param applied whether it was made, rather than asked about
 * @param changes what has changed, in the order in which it was made
 * @param restart keys that differ and take a restart, which stay as they are
 * @param warnings a line each
 */
public record Outcome(boolean applied, List<Line> changes, List<Line> restart, List<String> warnings) {

    /** That of some actions. */
    public static Outcome of(boolean applied, List<Action> actions, List<String> warnings) {
        return new Outcome(applied, lines(actions, false), lines(actions, true), warnings);
    }

    private static List<Line> lines(List<Action> actions, boolean restart) {
        return actions.stream()
                .filter(action -> action instanceof Action.NeedRestart == restart)
                .flatMap(action -> action.lines().stream())
                .toList();
    }
}
