/** Network namespaces, and what the kernel keeps in each: counters, settings of devices, names of abstract sockets. */
@NullMarked
package dev.peregrine.dataplane.linux.namespace;

import org.jspecify.annotations.NullMarked;
