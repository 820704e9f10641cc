@NullMarked
package dev.peregrine.dataplane.policy.antispoof;

import org.jspecify.annotations.NullMarked;
