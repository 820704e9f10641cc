/** Manual pages and completion, made of the commands themselves. */
@NullMarked
package dev.peregrine.gateway.command.manual;

import org.jspecify.annotations.NullMarked;
