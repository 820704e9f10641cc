/** {@code peregrine gen}: VXLAN traffic to an underlay address, at times that do not depend on the receiver. */
@NullMarked
package dev.peregrine.load.gen;

import org.jspecify.annotations.NullMarked;
