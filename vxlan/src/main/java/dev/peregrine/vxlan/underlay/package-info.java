/** The seam towards the underlay network: UDP datagrams that carry VXLAN. */
@NullMarked
package dev.peregrine.vxlan.underlay;

import org.jspecify.annotations.NullMarked;
