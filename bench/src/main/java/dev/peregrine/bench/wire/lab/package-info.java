/** Two hosts in network namespaces, and the contenders that carry traffic between them. */
@NullMarked
package dev.peregrine.bench.wire.lab;

import org.jspecify.annotations.NullMarked;
