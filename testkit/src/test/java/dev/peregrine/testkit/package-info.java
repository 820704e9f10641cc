@NullMarked
package dev.peregrine.testkit;

import org.jspecify.annotations.NullMarked;
