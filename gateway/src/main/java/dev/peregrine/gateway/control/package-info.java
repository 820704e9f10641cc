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
 * or the thing is missing, 2 the request is wrong.
 *
 * <p>{@link dev.peregrine.gateway.control.ControlServer} speaks the protocol on a thread of its own. It runs the
 * {@link dev.peregrine.gateway.control.Command}s of {@link dev.peregrine.gateway.control.Noun}s on the executor that it
 * is given: a gateway's nouns are the list of its commands. Arguments and results are the records of this package, by
 * the names of their components; a component that is {@code Nullable} may be left out of a request, a flag as well. The
 * command line writes the same records.
 *
 * <p>Some commands, {@code trace} and {@code capture}, go on after their answer: lines follow on the connection, the
 * last of them with {@code end}. Until then the gateway takes no other command there; who wants no more hangs up.
 *
 * <pre>
 * {"command":["trace"],"arguments":{"count":2,"filter":["vni","42"]}}
 * {"ok":true,"result":{"count":2,"seconds":60}}
 * {"packets":[{"number":1, …}]}
 * {"missed":0}
 * {"packets":[{"number":2, …}]}
 * {"end":"count","count":2,"missed":0}
 * </pre>
 *
 * At least once a second there is a line: {@code missed} says how many packets were not written down, because a ring
 * was full or too many came within a moment. Where the client reads more slowly than lines come, they wait, and more is
 * missed.
 *
 * <p>A request line holds at most 1 MiB; a connection that gets nothing done for a minute is closed; so are connections
 * beyond 32, and those of users other than the gateway's own and root.
 */
@NullMarked
package dev.peregrine.gateway.control;

import org.jspecify.annotations.NullMarked;
