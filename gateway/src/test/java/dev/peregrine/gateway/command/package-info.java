@NullMarked
package dev.peregrine.gateway.command;

import org.jspecify.annotations.NullMarked;
