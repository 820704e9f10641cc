/** TAP devices: made, configured and opened queue by queue. */
@NullMarked
package dev.peregrine.dataplane.linux.tun;

import org.jspecify.annotations.NullMarked;
