/** Conditions between keys, and keys that this version does not follow yet. */
@NullMarked
package dev.peregrine.gateway.config.rules;

import org.jspecify.annotations.NullMarked;
