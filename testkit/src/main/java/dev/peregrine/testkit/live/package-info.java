/**
 * Labs for real traffic: hosts in network namespaces of this machine, the kernel's VXLAN device and Open vSwitch as
 * VTEPs, ping and iperf3. Live tests and the wire benchmark use it; everything that they send stays in there. Commands,
 * processes and namespaces are in {@link dev.peregrine.dataplane.testing.live}.
 */
@NullMarked
package dev.peregrine.testkit.live;

import org.jspecify.annotations.NullMarked;
