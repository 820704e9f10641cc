/** Tests of the lab's parts that need no lab. */
@NullMarked
package dev.peregrine.testkit.live;

import org.jspecify.annotations.NullMarked;
