/** The parts that commands share: the terminal, exit codes, global options, and the client of the control socket. */
@NullMarked
package dev.peregrine.gateway.command.client;

import org.jspecify.annotations.NullMarked;
