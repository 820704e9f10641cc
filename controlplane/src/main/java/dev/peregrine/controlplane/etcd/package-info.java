/**
 * A registry of VTEPs, memberships and stations in etcd, by its JSON gateway: {@link
 * dev.peregrine.controlplane.etcd.EtcdPlane} follows it and keeps this gateway's own keys there.
 */
@NullMarked
package dev.peregrine.controlplane.etcd;

import org.jspecify.annotations.NullMarked;
