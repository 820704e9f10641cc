/** What is measured, and how it is written for those who collect it. */
@NullMarked
package dev.peregrine.gateway.metric;

import org.jspecify.annotations.NullMarked;
