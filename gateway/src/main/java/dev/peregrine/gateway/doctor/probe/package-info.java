/**
 * Questions of {@code doctor}'s checks to the kernel: paths, sockets, firewall rules, control groups, datagrams that
 * arrive.
 */
@NullMarked
package dev.peregrine.gateway.doctor.probe;

import org.jspecify.annotations.NullMarked;
