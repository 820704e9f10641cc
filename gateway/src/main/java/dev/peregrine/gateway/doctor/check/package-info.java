/** A check of {@code doctor}, its findings, and the things that it looks at. */
@NullMarked
package dev.peregrine.gateway.doctor.check;

import org.jspecify.annotations.NullMarked;
