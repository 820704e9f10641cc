package dev.peregrine.dataplane.linux.netlink;

/**
 * One NAPI instance of a network interface, which polls one or several of its queues.
 *
 * @param id the kernel's number, unique on the machine
 * @param irq the interrupt that wakes it; 0 where the driver does not report it
 * @param thread its kernel thread, by its number in the initial pid namespace; 0 if it has none
 * @param threaded whether the kernel says that the thread polls, and not the interrupt; before Linux 6.17 it says so of
 *     no instance
 */
public record Napi(int id, int irq, int thread, boolean threaded) {}
