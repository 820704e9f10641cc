@NullMarked
package dev.peregrine.dataplane.device.fdb;

import org.jspecify.annotations.NullMarked;
