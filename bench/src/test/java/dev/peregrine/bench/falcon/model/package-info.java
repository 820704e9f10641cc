@NullMarked
package dev.peregrine.bench.falcon.model;

import org.jspecify.annotations.NullMarked;
