/**
 * The control socket: a Unix stream socket, mode 0600, on which a running gateway answers commands.
 *
 * <p>The protocol is one JSON object per line in each direction, answers in the order of the requests:
 *
 * <pre>
 * {"command":["fdb","list"],"arguments":{"vni":42}}
 * {"ok":true,"result":[{"mac":"02:00:00:00:00:01","vni":42, …}]}
 * {"ok":false,"error":"VNI 43 is not configured","exit":1}
 * </pre>
 *
 * {@code arguments} may be left out. {@code exit} is what a command line ends with: 1 the gateway refused
 * or the thing is missing, 2 the request is wrong. Commands and arguments:
 *
 * <pre>
 * status                      {}
 * vni list, port list, vtep list, drop list, worker list, stage list   {}
 * fdb list                    {vni?}
 * fdb add                     {mac, vni, vtep | port, static?, sticky?}
 * fdb del                     {mac, vni}
 * fdb flush                   {vni?, port?, vtep?, dynamic?}     result {"removed": N}
 * policy list                 {vni? | port?}
 * policy show                 {vni | port}                       result {"policy": YAML}
 * policy replace              {vni | port, policy: YAML, source?}
 * policy add                  {vni | port, direction, rule: YAML, before?}
 * policy del                  {vni | port, direction, name}
 * policy test                 {vni | port, direction, packet: YAML}
 * </pre>
 *
 * Results are the records of this package, their components in order. A request line holds at most 1 MiB;
 * a connection that gets nothing done for a minute is closed; so are connections beyond 32, and those of
 * users other than the gateway's own and root.
 *
 * <p>{@link dev.peregrine.gateway.control.ControlServer} speaks the protocol on a thread of its own and runs
 * {@link dev.peregrine.gateway.control.ControlCommands} on the executor that it is given.
 */
@NullMarked
package dev.peregrine.gateway.control;

import org.jspecify.annotations.NullMarked;
