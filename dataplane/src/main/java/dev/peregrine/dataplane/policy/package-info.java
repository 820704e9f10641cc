/** Policy on the packet path: rules, established flows, limits and anti-spoofing. */
@NullMarked
package dev.peregrine.dataplane.policy;

import org.jspecify.annotations.NullMarked;
