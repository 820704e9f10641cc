/** Two hosts in network namespaces, and what carries traffic between them. */
@NullMarked
package dev.peregrine.bench.wire.lab;

import org.jspecify.annotations.NullMarked;
