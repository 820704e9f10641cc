package dev.peregrine.gateway.policy;

import dev.peregrine.dataplane.device.fdb.Fdb;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.policy.Action;
import dev.peregrine.dataplane.policy.Hits;
import dev.peregrine.dataplane.policy.Policy;
import dev.peregrine.dataplane.policy.PolicySnapshot;
import dev.peregrine.dataplane.policy.RuleList;
import dev.peregrine.dataplane.policy.ScopePolicy;
import dev.peregrine.dataplane.policy.conntrack.TrackedFlow;
import dev.peregrine.dataplane.policy.match.Matcher;
import dev.peregrine.gateway.config.model.GatewayConfig;
import dev.peregrine.gateway.config.model.PortConfig;
import dev.peregrine.gateway.config.model.VniConfig;
import dev.peregrine.gateway.config.model.policy.AddressSetConfig;
import dev.peregrine.gateway.config.model.policy.PolicyConfig;
import dev.peregrine.gateway.config.model.policy.RuleConfig;
import dev.peregrine.gateway.config.model.policy.RuleListConfig;
import dev.peregrine.gateway.control.CommandRefused;
import dev.peregrine.gateway.control.Vni;
import dev.peregrine.gateway.control.request.policy.PolicyScope;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The policies of all VNIs and ports as the configuration has them, and the {@link Policy} that workers apply. Each
 * change is published whole, and has taken effect on every worker when the method returns. Belongs to the control
 * thread.
 */
public final class PolicyControl {
    private final Policy policy;
    private final StateWords stateWords;
    private final int workers;
    private final Runnable settle;
    private final Map<Scope, PolicyConfig> configs = new LinkedHashMap<>();
    private final Map<String, Scope> ports = new LinkedHashMap<>();
    private final Map<Integer, Scope> vnis = new LinkedHashMap<>();

    /** Scopes that follow flows no longer, while their flows are still there. */
    private final Set<Scope> unfollowed = new LinkedHashSet<>();

    private boolean unsettled;
    private RuleCompiler compiler;
    private List<AddressSetConfig> sets;

    /**
     * A VNI or a port.
     *
     * @param port its name; null for a VNI
     * @param config of the port; null for a VNI
     * @param index of the port or of the segment
     */
    public record Scope(
            int vni, @Nullable String port, @Nullable PortConfig config, int index) {
        @Override
        public String toString() {
            return port == null ? "vni " + vni : "port " + port;
        }
    }

    /** @param settle returns when every worker decides by what is published */
    public PolicyControl(GatewayConfig config, Fdb fdb, int workers, Runnable settle) {
        stateWords = new StateWords(config);
        policy = new Policy(workers, fdb, stateWords.states());
        compiler = new RuleCompiler(config.addressSets(), workers);
        sets = config.addressSets();
        this.workers = workers;
        this.settle = settle;
        int port = 0;
        int segment = 0;
        for (VniConfig vni : config.vnis()) {
            addVni(vni, segment++);
            for (PortConfig portConfig : vni.ports()) {
                addPort(vni.vni(), portConfig, port++);
            }
        }
    }

    /** The flows that policies follow. */
    public StateWords stateWords() {
        return stateWords;
    }

    /** Takes in a VNI with its policy; no packet is in it yet. */
    public void addVni(VniConfig vni, int segment) {
        Scope scope = new Scope(vni.vni(), null, null, segment);
        vnis.put(vni.vni(), scope);
        add(scope, vni.policy());
    }

    /** Takes in a port with its policy; no packet comes from it yet. */
    public void addPort(int vni, PortConfig port, int number) {
        Scope scope = new Scope(vni, port.name(), port, number);
        ports.put(port.name(), scope);
        add(scope, port.policy());
    }

    private void add(Scope scope, Optional<PolicyConfig> config) {
        configs.put(scope, config.orElse(PolicyConfig.NONE));
        ScopePolicy its = compiler.scope(config(scope), scope.config());
        if (its != null) {
            policy.publish(with(policy.snapshot(), scope, its));
        }
    }

    /**
     * Takes a port from those that commands know. Its policy still applies to packets in flight, until it is
     * {@linkplain #forget forgotten}.
     *
     * @return the port; null when there is none of this name
     */
    public @Nullable Scope withdrawPort(String name) {
        return withdrawn(ports.remove(name));
    }

    /** The same for a VNI. */
    public @Nullable Scope withdrawVni(int vni) {
        return withdrawn(vnis.remove(vni));
    }

    private @Nullable Scope withdrawn(@Nullable Scope scope) {
        if (scope != null) {
            configs.remove(scope);
            unfollowed.remove(scope);
        }
        return scope;
    }

    /** Forgets the policy and the flows of what was withdrawn; no packet comes from it or goes to it any more. */
    public void forget(Scope withdrawn) {
        if (applied(withdrawn) != null) {
            policy.publish(with(policy.snapshot(), withdrawn, null));
            settle.run();
        }
        policy.states().flows().forget(flow -> isOf(flow, withdrawn), System.nanoTime());
    }

    /**
     * Returns when all workers follow what was changed; then flows that are not followed any more end: should they be
     * followed again later, none comes back.
     */
    public void settle() {
        settle.run();
        unsettled = false;
        if (!unfollowed.isEmpty()) {
            unfollowed.forEach(scope -> policy.states().flows().forget(flow -> isOf(flow, scope), System.nanoTime()));
            unfollowed.clear();
            settle.run();
        }
    }

    /**
     * The policy that a VNI, or a port, has now.
     *
     * @param configured that which it had, which stands for one that says the same
     */
    public Optional<PolicyConfig> now(int vni, @Nullable String port, Optional<PolicyConfig> configured) {
        Scope scope = port == null ? vnis.get(vni) : ports.get(port);
        PolicyConfig now = scope == null ? null : config(scope);
        return now == null || configured.orElse(PolicyConfig.NONE).equals(now) ? configured : Optional.of(now);
    }

    /** A VNI, or a port by its name. */
    public Scope scope(int vni, @Nullable String port) {
        return Objects.requireNonNull(port == null ? vnis.get(vni) : ports.get(port));
    }

    /**
     * Changes address sets and policies in one step: no packet is decided by a mixture. Unchanged rules of a policy
     * keep their counts. It has taken effect on every worker after {@link #settle}.
     *
     * @param nextSets all address sets from now on; others stay known until {@link #keepSets}
     */
    public void change(List<AddressSetConfig> nextSets, Map<Scope, PolicyConfig> changed) {
        boolean all = !nextSets.equals(sets);
        sets = nextSets;
        compiler = compiler.with(sets);
        PolicySnapshot next = policy.snapshot();
        for (Map.Entry<Scope, PolicyConfig> entry : configs.entrySet()) {
            Scope scope = entry.getKey();
            if (!all && !changed.containsKey(scope)) {
                continue;
            }
            PolicyConfig config = changed.getOrDefault(scope, entry.getValue());
            ScopePolicy old = applied(scope);
            ScopePolicy its = compiler.scope(config, scope.config(), entry.getValue(), old);
            next = its == null && old == null ? next : with(next, scope, its);
            if (old != null && old.replies() != null && (its == null || its.replies() == null)) {
                unfollowed.add(scope);
            }
        }
        policy.publish(next);
        configs.putAll(changed);
        unsettled = true;
    }

    /** Whether {@link #settle} is still to be called. */
    public boolean isUnsettled() {
        return unsettled;
    }

    /** Forgets the address sets that no policy names any more. */
    public void keepSets() {
        compiler = new RuleCompiler(sets, workers);
    }

    /** The device that the workers ask. */
    public Policy policy() {
        return policy;
    }

    /** The names of the address sets. */
    Set<String> setNames() {
        return compiler.setNames();
    }

    /** Every VNI with its ports behind it. */
    List<Scope> scopes() {
        List<Scope> scopes = new ArrayList<>();
        for (Scope vni : vnis.values()) {
            scopes.add(vni);
            ports.values().stream().filter(port -> port.vni() == vni.vni()).forEach(scopes::add);
        }
        return scopes;
    }

    /** The VNI or port that a command means. */
    public Scope scope(PolicyScope named) throws CommandRefused {
        Vni vni = named.vni();
        Scope scope = vni == null ? ports.get(named.port()) : vnis.get(vni.number());
        if (scope == null) {
            throw new CommandRefused(vni == null ? "there is no " + named : "VNI " + vni + " is not configured here");
        }
        return scope;
    }

    /** The VNI that a port is in. */
    Scope around(Scope port) {
        return Objects.requireNonNull(vnis.get(port.vni()));
    }

    PolicyConfig config(Scope scope) {
        return Objects.requireNonNull(configs.get(scope));
    }

    RuleListConfig config(Scope scope, boolean in) {
        return in ? config(scope).in() : config(scope).out();
    }

    /** The policy that workers apply; null where everything passes. */
    @Nullable
    ScopePolicy applied(Scope scope) {
        return scope.port() == null
                ? policy.snapshot().segment(scope.index())
                : policy.snapshot().port(scope.index());
    }

    /** The rules that workers apply; null for a list that lets everything pass. */
    @Nullable
    RuleList list(Scope scope, boolean in) {
        ScopePolicy its = applied(scope);
        return its == null ? null : in ? its.in() : its.out();
    }

    /** The count of packets that passed without a rule; null where none does. */
    @Nullable
    Hits replies(Scope scope) {
        ScopePolicy its = applied(scope);
        return its == null ? null : its.replies();
    }

    /** A flow that a scope has let pass and that a packet in a direction may follow; empty where none are followed. */
    Optional<TrackedFlow> flow(Scope scope, boolean in, Predicate<TrackedFlow> which) {
        List<TrackedFlow> found = new ArrayList<>();
        if (replies(scope) != null) {
            boolean ofPort = scope.port() != null; // of a VNI, what entered and what left are apart
            policy.states()
                    .flows()
                    .forEach(
                            flow -> {
                                if (isOf(flow, scope) && (ofPort || flow.in() == in) && which.test(flow)) {
                                    found.add(flow);
                                }
                            },
                            System.nanoTime());
        }
        return found.stream().findFirst();
    }

    /** The flows of a scope that its policy would not let begin now end; returns how many. */
    public int endDenied(Scope scope) {
        int ended = policy.states().flows().flush(flow -> isOf(flow, scope) && denies(scope, flow), System.nanoTime());
        settle.run();
        return ended;
    }

    private static boolean isOf(TrackedFlow flow, Scope scope) {
        return scope.port() == null
                ? flow.port() == Packet.NO_PORT && flow.segment() == scope.index()
                : flow.port() == scope.index();
    }

    private boolean denies(Scope scope, TrackedFlow flow) {
        RuleList list = list(scope, flow.in());
        if (list == null) {
            return false;
        }
        int at = list.find(flow.firstPacket());
        return at == Matcher.NONE
                ? !list.allowsByDefault()
                : list.entry(at).rule().action() == Action.DENY;
    }

    /** Puts another policy in the place of the one there is; what stays the same in it keeps its counts. */
    public void replace(Scope scope, PolicyConfig config) {
        publish(scope, config, compiler.scope(config, scope.config(), config(scope), applied(scope)));
    }

    /** Adds a rule before another, or at the end. */
    public void add(Scope scope, boolean in, RuleConfig rule, Optional<String> before) throws CommandRefused {
        RuleListConfig old = config(scope, in);
        if (indexOf(old, rule.name()).isPresent()) {
            throw new CommandRefused("there is a rule " + rule.name() + " already");
        }
        int at = before.isPresent() ? index(old, before.get()) : old.rules().size();
        List<RuleConfig> rules = new ArrayList<>(old.rules());
        rules.add(at, rule);
        RuleListConfig config = old.with(rules);
        RuleList list = list(scope, in);
        change(
                scope,
                in,
                config,
                list == null ? compiler.list(config, null) : list.with(at, compiler.rule(rule), System.nanoTime()));
    }

    /** Removes a rule. */
    void delete(Scope scope, boolean in, String name) throws CommandRefused {
        RuleListConfig old = config(scope, in);
        int at = index(old, name);
        List<RuleConfig> rules = new ArrayList<>(old.rules());
        rules.remove(at);
        RuleListConfig config = old.with(rules);
        RuleList list = Objects.requireNonNull(list(scope, in));
        change(scope, in, config, config.isOpen() ? null : list.without(at));
    }

    /** Flows are followed where there are lists, so the first list and the last make a new whole. */
    private void change(Scope scope, boolean in, RuleListConfig config, @Nullable RuleList list) {
        PolicyConfig changed = config(scope).with(in, config);
        ScopePolicy old = applied(scope);
        ScopePolicy next = old == null || list == null || list(scope, in) == null
                ? compiler.scope(changed, scope.config(), config(scope), old)
                : old.with(in, list);
        publish(scope, changed, next);
    }

    private void publish(Scope scope, PolicyConfig config, @Nullable ScopePolicy its) {
        boolean followed = replies(scope) != null;
        policy.publish(with(policy.snapshot(), scope, its));
        configs.put(scope, config); // also if a worker does not confirm it
        if (followed && replies(scope) == null) {
            unfollowed.add(scope);
        }
        unsettled = true; // until settle() has come through
        settle();
    }

    private static PolicySnapshot with(PolicySnapshot snapshot, Scope scope, @Nullable ScopePolicy its) {
        return scope.port() == null ? snapshot.withSegment(scope.index(), its) : snapshot.withPort(scope.index(), its);
    }

    private static int index(RuleListConfig list, String name) throws CommandRefused {
        OptionalInt index = indexOf(list, name);
        if (index.isEmpty()) {
            throw new CommandRefused("there is no rule " + name);
        }
        return index.getAsInt();
    }

    private static OptionalInt indexOf(RuleListConfig list, String name) {
        for (int i = 0; i < list.rules().size(); i++) {
            if (list.rules().get(i).name().equals(name)) {
                return OptionalInt.of(i);
            }
        }
        return OptionalInt.empty();
    }
}
