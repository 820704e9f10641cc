# shellcheck shell=bash
# The demo where there are no namespaces or no TAP devices: two Peregrines on the loopback interface, each with
# a `socket` port and an application behind it.
#
#   gen, as VTEP B ── gateway A ── sink --echo ── gateway A ── gateway B ── sink
#
# A socket port answers who spoke to it, so somebody has to begin. `gen` sends what gateway B would send; what the
# application behind A answers goes to B's address, and so to gateway B.

readonly LOOPBACK_VTEP_A=127.0.0.1 LOOPBACK_VTEP_B=127.0.0.2
readonly LOOPBACK_INNER_A=198.19.0.1 LOOPBACK_INNER_B=198.19.0.2
readonly LOOPBACK_MAC_A=02:00:00:00:00:01 LOOPBACK_MAC_B=02:00:00:00:00:02 LOOPBACK_WARM_UP_SECONDS=4

loopback_config() { # LOCAL REMOTE INNER MAC APPLICATION_PORT SOCKET
  cat <<EOF
underlay:
  local: $1
  device: lo
  port: $underlay_port
vnis:
  - vni: 42
    mtu: 1450
    flood: [$2]
    ports:
      - {name: app, type: socket, listen: "$3:9000", deliver: "udp:127.0.0.1:$5", mac: "$4"}
control: {socket: "$6"}
EOF
}

# Three neighbouring UDP ports that nobody uses → REPLY, the first. /proc says them in hexadecimal.
free_ports() {
  local tries=50 port hex
  while ((tries-- > 0)); do
    REPLY=$((20000 + RANDOM % 10000))
    for port in $REPLY $((REPLY + 1)) $((REPLY + 2)); do
      printf -v hex ':%04X ' "$port"
      ! grep -qs "$hex" /proc/net/udp /proc/net/udp6 || continue 2
    done
    return
  done
  die 'No free UDP ports between 20000 and 30000.'
}

start_loopback_gateway() { # NAME LOCAL REMOTE INNER MAC APPLICATION_PORT
  local log=$work/$1.log
  loopback_config "${@:2}" "$work/$1.sock" >"$work/$1.yaml"
  start "$log" "$root/scripts/peregrine" run --config "$work/$1.yaml"
}

# Traffic for some seconds → what both applications received, as JSON in $work/sink-A and $work/sink-B.
loopback_traffic() { # SECONDS
  local sink_a sink_b code=0
  start "$work/sink-A" "$root/scripts/peregrine" --json sink --quiet --echo --listen "127.0.0.1:$port_a"
  sink_a=$child
  start "$work/sink-B" "$root/scripts/peregrine" --json sink --quiet --listen "127.0.0.1:$port_b"
  sink_b=$child
  wait_until 10 loopback_bound "$port_a" || code=1
  wait_until 10 loopback_bound "$port_b" || code=1
  run_logged "$work/gen" "$root/scripts/peregrine" --json gen --quiet --vni 42 --rate "$udp_rate" --duration "$1" \
    --to "$LOOPBACK_VTEP_A:$underlay_port" --from $LOOPBACK_VTEP_B --size "$UDP_PAYLOAD_BYTES" \
    --inner-src "$LOOPBACK_MAC_B/$LOOPBACK_INNER_B:9000" --inner-dst "$LOOPBACK_MAC_A/$LOOPBACK_INNER_A:9000" || code=$?
  pause 0.5 # what is still on its way
  stop "$sink_a" || code=$?
  stop "$sink_b" || code=$?
  return "$code"
}

loopback_bound() { # PORT
  local hex
  printf -v hex ':%04X ' "$1"
  grep -qs "$hex" /proc/net/udp
}

# The first number of a name in a report.
reported() { # FILE NAME
  sed -n "s/^ *\"$2\" : \([0-9.]*\),\?\$/\1/p" "$1" | head -n 1
}

# "PACKETS/s, PERCENT % lost" of what an application received of what was sent.
arrived() { # FILE
  awk -v sent="$(reported "$work/gen" packets)" -v got="$(reported "$1" packets)" -v rate="$(reported "$1" packetsPerSecond)" \
    'BEGIN { printf "%.0f/s, %.2f%% lost", rate, (sent > 0 ? 100 * (sent - got) / sent : 100) }'
}

loopback_demo() { # REASON
  local gateway_a gateway_b code name
  loopback_left_out "$1" >&2
  free_ports
  underlay_port=$REPLY
  local port_a=$((REPLY + 1)) port_b=$((REPLY + 2))
  step_begin 'starting two Peregrines on the loopback interface'
  start_loopback_gateway A $LOOPBACK_VTEP_A $LOOPBACK_VTEP_B $LOOPBACK_INNER_A $LOOPBACK_MAC_A $port_a
  gateway_a=$child
  start_loopback_gateway B $LOOPBACK_VTEP_B $LOOPBACK_VTEP_A $LOOPBACK_INNER_B $LOOPBACK_MAC_B $port_b
  gateway_b=$child
  await_gateway "$gateway_a" "$work/A.log"
  await_gateway "$gateway_b" "$work/B.log"
  step_end
  step_begin 'warming up their JVMs'
  loopback_traffic $LOOPBACK_WARM_UP_SECONDS || true
  step_end
  step_begin "sending $udp_rate UDP packets/s through both for $seconds s"
  if loopback_traffic "$seconds"; then
    step_end
    print_loopback_results
    [[ $(reported "$work/sink-B" packets) != 0 ]] || failures+=('No datagram came to the application behind B')
  else
    step_abort
    failures+=("$(tail -n 1 "$work/gen")")
  fi
  { drops "$work/A.sock" && drops "$work/B.sock"; } >"$work/drops" || failures+=('Peregrine did not list its drops')
  printf '\n'
  print_drops
  [[ -z $keep ]] || keep_loopback "$gateway_a" "$gateway_b"
  for name in "$gateway_a" "$gateway_b"; do
    code=0
    stop "$name" 10 || code=$?
    ((code == 0)) || failures+=("Peregrine ended with exit code $code")
  done
}

loopback_row() { printf '%-34s%s\n' "$1" "$2"; } # WHAT FIGURES

print_loopback_results() {
  printf '\n'
  loopback_row '' 'two Peregrines, loopback'
  loopback_row 'to the application behind A' "$(arrived "$work/sink-A")"
  loopback_row 'from there to that behind B' "$(arrived "$work/sink-B")"
  loopback_row 'latency of the whole way, median' "$(reported "$work/sink-B" p50) µs"
  loopback_row 'latency of the whole way, 99 %' "$(reported "$work/sink-B" p99) µs"
  cat <<EOF

UDP, one flow, $udp_rate packets/s of $UDP_PAYLOAD_BYTES bytes for $seconds s after a warm-up. Gateway A decapsulates each packet
for the application behind its socket port, which sends it back; A encapsulates it, and gateway B decapsulates it
for its own. Everything shares $(nproc) CPUs ($(uname -sr)).
EOF
}

loopback_left_out() { # REASON
  cat <<EOF
The loopback form of the demo ($1): two Peregrines between two sockets.
Left out: the Linux kernel's VXLAN device on the other side, a TAP device in a container, ping, TCP, IPv6 and the
comparison with the kernel and the plain host network. Those need root or user namespaces, and /dev/net/tun.

EOF
}

keep_loopback() { # PID PID
  cat >&2 <<EOF

Both Peregrines still run. In another terminal:
  scripts/peregrine --socket $work/A.sock status
  scripts/peregrine --socket $work/B.sock fdb list
Configurations and logs: $work
Ctrl-C ends them and cleans up.
EOF
  wait -n "$@" || true
  die 'A Peregrine ended by itself.'
}
