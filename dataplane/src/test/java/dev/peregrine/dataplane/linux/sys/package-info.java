@NullMarked
package dev.peregrine.dataplane.linux.sys;

import org.jspecify.annotations.NullMarked;
