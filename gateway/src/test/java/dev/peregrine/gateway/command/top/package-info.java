@NullMarked
package dev.peregrine.gateway.command.top;

import org.jspecify.annotations.NullMarked;
