@NullMarked
package dev.peregrine.dataplane.policy.match;

import org.jspecify.annotations.NullMarked;
