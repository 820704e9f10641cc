# shellcheck shell=bash
# The demo between two hosts in network namespaces: the same measurements through Peregrine, through the
# kernel's VXLAN device, and between the hosts without an overlay.

readonly PEREGRINE='Peregrine' KERNEL='kernel VXLAN' HOST='plain host network'

# Why the lab cannot be made here → REPLY; fails if it can.
why_no_lab() {
  if [[ ${EUID} != 0 ]] || ! can_make_namespaces; then
    REPLY='network namespaces cannot be made here'
  elif ! can_open_tun; then
    REPLY='/dev/net/tun cannot be opened'
    [[ ! -c /dev/net/tun ]] || REPLY+=", its mode is $(stat -c %a /dev/net/tun), 666 is usual"
  elif ! unshare --net ip link add probe type vxlan id 1 remote 192.0.2.1 dstport 4789 2>/dev/null; then
    REPLY='the kernel has no VXLAN device'
  else
    return 1
  fi
}

# Namespaces of a demo that was killed outright carry the id of a process that is no more.
sweep_dead_labs() {
  local name rest
  while read -r name rest; do
    [[ $name =~ ^peregrine([0-9]+)-(hA|hB|cA|cB)$ && ! -d /proc/${BASH_REMATCH[1]} ]] || continue
    ip netns delete "$name"
  done < <(ip netns list)
}

start_gateway() {
  local socket=$work/control.sock log=$work/peregrine.log
  lab_gateway_config "$socket" >"$work/peregrine.yaml"
  start "$log" ip netns exec "$LAB-hB" "$root/scripts/peregrine" run --config "$work/peregrine.yaml"
  gateway=$child
  await_gateway "$gateway" "$log"
}

# A clean end: exit 0, and the TAP device and the socket file gone.
stop_gateway() {
  local code=0
  stop "$gateway" 10 || code=$?
  if ((code != 0)); then
    failures+=("$PEREGRINE ended with exit code $code; its log is above")
    tail -n 40 "$work/peregrine.log" >&2
  fi
  ! lab_ip cB link show eth0 >/dev/null 2>&1 || failures+=("$PEREGRINE left its TAP device behind")
  [[ ! -e $work/control.sock ]] || failures+=("$PEREGRINE left its control socket behind")
}

measure_peregrine() {
  step_begin "starting $PEREGRINE on host B"
  start_gateway
  step_end
  step_begin 'warming up its JVM'
  warm_up
  step_end
  measure "$PEREGRINE" cA "$LAB_INNER_A" cB "$LAB_INNER_B" "$seconds" "$udp_rate"
  drops "$work/control.sock" >"$work/drops" || failures+=("$PEREGRINE did not list its drops")
  stop_gateway
}

# A cold JVM carries half of what it carries later, and its compiler takes CPU from everybody else.
warm_up() {
  local server udp=(--udp --length "$UDP_PAYLOAD_BYTES" --bandwidth $((udp_rate * UDP_PAYLOAD_BYTES * 8)))
  start "$work/warm-up.log" ip netns exec "$LAB-cB" iperf3 --server
  server=$child
  if wait_until 5 listening cB; then
    iperf3_client "$work/warm-up.log" cA "$LAB_INNER_B" 3 || true
    iperf3_client "$work/warm-up.log" cA "$LAB_INNER_B" 3 --reverse || true
    iperf3_client "$work/warm-up.log" cA "$LAB_INNER_B" 4 "${udp[@]}" || true
    iperf3_client "$work/warm-up.log" cA "$LAB_INNER_B" 4 "${udp[@]}" --reverse || true
  fi
  stop "$server" || true
}

measure_kernel() {
  lab_kernel_vtep_B
  measure "$KERNEL" cA "$LAB_INNER_A" cB "$LAB_INNER_B" "$seconds" "$udp_rate"
  lab_kernel_vtep_B_down
}

measure_host() {
  measure "$HOST" hA "$LAB_VTEP_A" hB "$LAB_VTEP_B" "$seconds" "$udp_rate"
}

overlay_demo() {
  LAB=peregrine$$ LAB_FAMILY=$family LAB_MODE=$mode
  step_begin 'making two hosts, with a container each'
  sweep_dead_labs
  lab_up
  lab_kernel_vtep_A
  choose_ping_family
  step_end
  measure_peregrine
  measure_kernel
  measure_host
  print_overlay_results
  [[ -z $keep ]] || keep_running
}

print_overlay_results() {
  printf '\n'
  print_table "$PEREGRINE" "$KERNEL" "$HOST"
  printf '\n'
  print_drops
  cat <<EOF

A is a container on a host with the kernel's VXLAN device in all columns but the last; B is a container behind
Peregrine, then behind the kernel's VXLAN device. The last column is the two hosts without an overlay.
Underlay: IPv$family, MTU $LAB_UNDERLAY_MTU, $(mode_text).
ping: average round trip of 500, one every 2 ms$(ping_text). TCP: iperf3, one flow, $seconds s after a warm-up of
$TCP_WARM_UP_SECONDS s. UDP: iperf3, one flow, $udp_rate packets/s of $UDP_PAYLOAD_BYTES bytes offered for $seconds s; what arrived, and what was lost.
UDP overload: as UDP A->B with $((udp_rate * OVERLOAD)) packets/s offered, as a load that may be too much: compare what arrived.
Everything shares $(nproc) CPUs ($(uname -sr)): compare columns of one run, not runs.
EOF
}

ping_text() { [[ $ping_family == 4 ]] || printf ', over IPv6: this kernel answers no ping over IPv4 (ping 127.0.0.1)'; }

mode_text() {
  case $mode in
    wire) printf 'wire mode (no frame is longer than the MTU, as between network cards)' ;;
    moderated) printf 'moderated mode (as between network cards that moderate interrupts)' ;;
    unfilled) printf 'unfilled mode (no frame is longer than the MTU, checksums inside the tunnel are unfilled)' ;;
    offload) printf 'offload mode (superframes of up to 64 KiB cross the veth pair uncut)' ;;
  esac
}

keep_running() {
  local enter=''
  start_gateway
  [[ -z ${PEREGRINE_USERNS:-} ]] || enter="nsenter --preserve-credentials -U -m -n -t $$ "
  cat >&2 <<EOF

Peregrine runs on host B again. In another terminal:
  ${enter}ip netns exec $LAB-cA ping "$LAB_INNER_B"
  ${enter}ip netns exec $LAB-cB ip address
  ${enter}ip netns exec $LAB-hB tcpdump -n -i uB
  scripts/peregrine --socket $work/control.sock status
Configuration and log: $work
Ctrl-C ends it and cleans up.
EOF
  wait "$gateway" || true
  die "Peregrine ended by itself: $(tail -n 1 "$work/peregrine.log")"
}

# After everything was taken down: what is left, if anything.
overlay_leftovers() { lab_namespaces; }
