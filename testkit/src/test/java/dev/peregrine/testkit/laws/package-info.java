/** The laws of docs/architecture.md, as property tests over random worlds with printed seeds. */
@NullMarked
package dev.peregrine.testkit.laws;

import org.jspecify.annotations.NullMarked;
