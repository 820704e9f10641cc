@NullMarked
package dev.peregrine.gateway.log;

import org.jspecify.annotations.NullMarked;
