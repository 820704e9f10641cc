@NullMarked
package dev.peregrine.gateway.tier;

import org.jspecify.annotations.NullMarked;
