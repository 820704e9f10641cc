@NullMarked
package dev.peregrine.dataplane.policy.conntrack;

import org.jspecify.annotations.NullMarked;
