/** Checks of control planes: their other side, and how a running gateway gets on with them. */
@NullMarked
package dev.peregrine.gateway.doctor.plane;

import org.jspecify.annotations.NullMarked;
