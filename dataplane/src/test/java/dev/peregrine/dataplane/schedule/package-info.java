@NullMarked
package dev.peregrine.dataplane.schedule;

import org.jspecify.annotations.NullMarked;
