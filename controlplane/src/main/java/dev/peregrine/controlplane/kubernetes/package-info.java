/**
 * A control plane out of objects of Kubernetes: nodes with flannel's annotations, or {@code stations.peregrine.dev}. It
 * speaks to the API server by HTTP, without a client library.
 */
@NullMarked
package dev.peregrine.controlplane.kubernetes;

import org.jspecify.annotations.NullMarked;
