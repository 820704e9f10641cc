/**
 * The gateway's end of control planes: what they claim becomes entries of the tables, and what is local becomes what
 * they announce.
 */
@NullMarked
package dev.peregrine.gateway.controlplane;

import org.jspecify.annotations.NullMarked;
