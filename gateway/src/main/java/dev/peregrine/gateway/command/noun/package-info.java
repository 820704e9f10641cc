/** The commands that ask a running gateway, one noun a class. */
@NullMarked
package dev.peregrine.gateway.command.noun;

import org.jspecify.annotations.NullMarked;
