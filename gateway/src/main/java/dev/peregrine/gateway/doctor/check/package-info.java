/** What a check of {@code doctor} is, what it finds, and what it looks at. */
@NullMarked
package dev.peregrine.gateway.doctor.check;

import org.jspecify.annotations.NullMarked;
