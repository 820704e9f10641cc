@NullMarked
package dev.peregrine.gateway.control;

import org.jspecify.annotations.NullMarked;
