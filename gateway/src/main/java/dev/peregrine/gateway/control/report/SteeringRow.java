package dev.peregrine.gateway.control.report;

/**
 * A row of {@code schedule map}: where the flows with a hash run a device.
 *
 * @param flowHash as eight hexadecimal digits
 * @param device kind of device
 * @param id its id
 * @param first the worker of the first choice
 * @param second the worker of the second choice
 * @param now the worker of a flow that begins now; {@code home} while pipelining pauses
 */
public record SteeringRow(String flowHash, String device, int id, String first, String second, String now) {}
