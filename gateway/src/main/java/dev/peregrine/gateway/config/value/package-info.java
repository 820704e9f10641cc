/** Values as a configuration file writes them: addresses, TCP flags, and where a socket port delivers. */
@NullMarked
package dev.peregrine.gateway.config.value;

import org.jspecify.annotations.NullMarked;
