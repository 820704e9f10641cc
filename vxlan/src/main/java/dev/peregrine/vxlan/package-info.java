@NullMarked
package dev.peregrine.vxlan;

import org.jspecify.annotations.NullMarked;
