@NullMarked
package dev.peregrine.gateway.observe;

import org.jspecify.annotations.NullMarked;
