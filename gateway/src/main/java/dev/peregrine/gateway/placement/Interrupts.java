package dev.peregrine.gateway.placement;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The interrupts by which a network card says that packets have come. Drivers name them as they like: those that by
 * their name do other work are left out. One thread at a time.
 */
final class Interrupts {
    /** Interrupts of a card that are looked at. */
    private static final int MOST = 256;

    /** Interrupts of the system that are looked at in a search by name. */
    private static final int MOST_SEARCHED = 4096;

    /** Looks for which a search by name holds: it reads a file for each interrupt of the system. */
    private static final int SEARCH_LOOKS = 12;

    private static final Pattern RECEIVING = Pattern.compile("rx|input|comp|ntfy|queue|rcv");
    private static final Pattern OTHER =
            Pattern.compile("config|async|misc|mgmnt|ctrl|control|event|output|link|other|(^|[-_.:@])tx([-_.:@\\d]|$)");

    private final SystemFiles files;
    private final Map<String, Found> found = new HashMap<>();

    private record Found(List<Integer> irqs, int looks) {}

    private record Irq(int number, String name) {
        boolean matches(Pattern pattern) {
            return pattern.matcher(name.toLowerCase(Locale.ROOT)).find();
        }
    }

    Interrupts(SystemFiles files) {
        this.files = files;
    }

    /**
     * The interrupts of an interface, with the CPUs that serve them.
     *
     * @param known those that the driver tells to be of its queues; empty to look for them
     * @param gaps is added what could not be read
     */
    List<Receiver> look(String device, List<Integer> known, List<String> gaps) {
        List<Irq> irqs = new ArrayList<>();
        for (int number : known.isEmpty() ? numbers(device) : known) {
            Optional<String> name = files.line("sys/kernel/irq/%s/actions".formatted(number));
            if (name.isEmpty() || !name.get().isEmpty()) { // else nobody has asked for it, as while the card is down
                irqs.add(new Irq(number, name.orElse("")));
            }
        }
        List<Irq> receiving = known.isEmpty() ? receiving(irqs) : irqs;
        List<Receiver> receivers = new ArrayList<>();
        for (Irq irq : receiving.subList(0, Math.min(MOST, receiving.size()))) {
            cpus(irq.number)
                    .ifPresent(cpus -> receivers.add(new Receiver(
                            "IRQ " + irq.number + (irq.name.isEmpty() ? "" : " (" + irq.name + ")"), cpus)));
        }
        if (receivers.size() < receiving.size()) {
            gaps.add("the CPUs of %d of the %d IRQs of %s cannot be read"
                    .formatted(receiving.size() - receivers.size(), receiving.size(), device));
        }
        return receivers;
    }

    private static List<Irq> receiving(List<Irq> irqs) {
        List<Irq> named = irqs.stream().filter(irq -> irq.matches(RECEIVING)).toList();
        return named.isEmpty()
                ? irqs.stream().filter(irq -> !irq.matches(OTHER)).toList()
                : named;
    }

    private Optional<CpuSet> cpus(int irq) {
        return files.line("proc/irq/%s/effective_affinity_list".formatted(irq))
                .filter(text -> !text.isEmpty())
                .or(() -> files.line("proc/irq/%s/smp_affinity_list".formatted(irq)))
                .flatMap(CpuSet::parseList);
    }

    private List<Integer> numbers(String device) {
        String card = "sys/class/net/" + device + "/device";
        List<Integer> numbers = numbersIn(card + "/msi_irqs");
        String target = files.target(card);
        if (numbers.isEmpty() && target.startsWith("virtio")) {
            numbers = numbersIn(card + "/../msi_irqs");
        }
        if (numbers.isEmpty()) {
            numbers =
                    files.number(card + "/irq").filter(irq -> irq > 0).stream().toList();
        }
        return numbers.isEmpty() && !target.isEmpty() ? byName(device, target) : numbers;
    }

    private List<Integer> numbersIn(String folder) {
        return files.names(folder, MOST).stream()
                .filter(name -> name.matches("\\d{1,9}"))
                .map(Integer::valueOf)
                .sorted()
                .toList();
    }

    /** Of cards on no PCI bus, whose interrupts have the name of the interface or of the device. */
    private List<Integer> byName(String device, String target) {
        Found before = found.get(device);
        if (before != null && before.looks < SEARCH_LOOKS) {
            found.put(device, new Found(before.irqs, before.looks + 1));
            return before.irqs;
        }
        List<Integer> irqs = files.names("sys/kernel/irq", MOST_SEARCHED).stream()
                .filter(name -> name.matches("\\d{1,9}"))
                .map(Integer::valueOf)
                .filter(irq -> isOf(
                        files.line("sys/kernel/irq/%s/actions".formatted(irq)).orElse(""), device, target))
                .sorted()
                .limit(MOST)
                .toList();
        found.put(device, new Found(irqs, 0));
        return irqs;
    }

    private static boolean isOf(String action, String device, String target) {
        return action.equals(device) || action.equals(target) || action.startsWith(device + "-");
    }
}
