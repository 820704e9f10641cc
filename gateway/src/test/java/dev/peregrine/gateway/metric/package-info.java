@NullMarked
package dev.peregrine.gateway.metric;

import org.jspecify.annotations.NullMarked;
