@NullMarked
package dev.peregrine.dataplane.policy;

import org.jspecify.annotations.NullMarked;
