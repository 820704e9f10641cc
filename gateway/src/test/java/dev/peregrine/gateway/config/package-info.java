@NullMarked
package dev.peregrine.gateway.config;

import org.jspecify.annotations.NullMarked;
