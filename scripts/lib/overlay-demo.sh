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
  local name rest pid
  while read -r name rest; do
    [[ $name =~ ^peregrine([0-9]+)-(h[ABC]|c[ABC]|sw)$ && ! -d /proc/${BASH_REMATCH[1]} ]] || continue
    # The kernel does not end daemons that changed to another user, as those of FRR do.
    for pid in $(ip netns pids "$name"); do kill -KILL "$pid" 2>/dev/null || true; done
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
  peregrine_pings=$pings peregrine_answers=$answers
  drops "$work/control.sock" >"$work/drops" || failures+=("$PEREGRINE did not list its drops")
  stop_gateway
}

# A cold JVM carries half of what it carries later, and its compiler takes CPU from everybody else.
warm_up() {
  local server direction udp=(--udp --length "$UDP_PAYLOAD_BYTES" --bandwidth $((udp_rate * UDP_PAYLOAD_BYTES * 8)))
  start "$work/warm-up.log" ip netns exec "$LAB-cB" iperf3 --server
  server=$child
  if wait_until 5 listening cB; then
    for direction in '' --reverse; do
      # shellcheck disable=SC2086 # an option, or nothing
      iperf3_client "$work/warm-up.log" cA "$LAB_INNER_B" "$warm_up_seconds" $direction || true
      # shellcheck disable=SC2086
      iperf3_client "$work/warm-up.log" cA "$LAB_INNER_B" "$warm_up_seconds" "${udp[@]}" $direction || true
    done
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
  print_unread "$PEREGRINE" "$KERNEL" "$HOST"
  ((${#remarks[@]} == 0)) || printf '%s\n' "${remarks[@]}"
  cat <<EOF

A is a container on a host with the kernel's VXLAN device. B is one behind Peregrine, then behind the kernel's VXLAN
device too. The last column is the two hosts without an overlay.
Underlay: IPv$family, MTU $LAB_UNDERLAY_MTU, $(mode_text).
ping: average round trip of $PINGS, one every 2 ms. TCP: iperf3, one flow, $seconds s after $TCP_WARM_UP_SECONDS s. UDP: iperf3, one flow of
$udp_rate packets/s of $UDP_PAYLOAD_BYTES bytes for $seconds s: what arrived, and what was lost; overload: $((udp_rate * OVERLOAD)) packets/s.
The ends of UDP keep to the first CPU and the last; the scheduler places those of TCP.
Everything shares $(nproc) CPUs ($(uname -sr)): compare columns of one run, not runs.

EOF
  ((${#failures[@]} > 0)) || shown
}

# The result of the demo in two lines.
shown() {
  printf 'Shown: %d of %d pings, TCP and UDP passed both ways, from the kernel'"'"'s VXLAN device to a container behind Peregrine.\n' \
    "$peregrine_answers" "$peregrine_pings"
  printf 'Against the kernel on both sides here: TCP %s and %s, UDP overload %s times; ping %s and %s times as long.\n' \
    "$(ratio 'TCP A->B')" "$(ratio 'TCP B->A')" "$(ratio 'UDP overload')" "$(ratio 'ping A->B')" "$(ratio 'ping B->A')"
}

ratio() { # MEASURED: Peregrine's first number by the kernel's
  awk -v own="${result[$PEREGRINE $1]}" -v kernel="${result[$KERNEL $1]}" 'BEGIN { printf "%.2f", own / kernel }'
}

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
