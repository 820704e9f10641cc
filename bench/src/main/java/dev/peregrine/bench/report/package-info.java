/** How measurements are summed up and shown: tables, charts, checks, progress. */
@NullMarked
package dev.peregrine.bench.report;

import org.jspecify.annotations.NullMarked;
