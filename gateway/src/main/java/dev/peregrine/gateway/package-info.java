@NullMarked
package dev.peregrine.gateway;

import org.jspecify.annotations.NullMarked;
