@NullMarked
package dev.peregrine.gateway.http;

import org.jspecify.annotations.NullMarked;
