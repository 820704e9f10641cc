/**
 * {@code peregrine perf}: TCP and UDP streams, and requests with responses, between a client and a server.
 *
 * <p>A control connection carries JSON objects, one a line. The client's first says what to do:
 *
 * <pre>
 *   client                                          server
 *     │ {"cookie", "test": {…}, "udpPort"}            │
 *     ├──────────────────────────────────────────────►│
 *     │                    {"udpPort"} or {"error"}   │
 *     │◄──────────────────────────────────────────────┤
 *     │ TCP: a connection per stream, each begins     │
 *     │ with {"cookie", "stream": n}                  │
 *     ├──────────────────────────────────────────────►│
 *     │                              {"start": true}  │
 *     │◄──────────────────────────────────────────────┤
 *     │            traffic, one way or both           │
 *     │ {"end": true}, when the client stops sending, │
 *     │ or wants the server to                        │
 *     ├──────────────────────────────────────────────►│
 *     │                            {"results": {…}}   │
 *     │◄──────────────────────────────────────────────┤
 * </pre>
 *
 * <p>When the server sends, its results also tell the client that no more will come.
 */
@NullMarked
package dev.peregrine.load.perf;

import org.jspecify.annotations.NullMarked;
