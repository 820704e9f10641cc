# shellcheck shell=bash
# The demo where there are no namespaces or no TAP devices: two Peregrines on the loopback interface, each with
# a `socket` port, and two applications that talk through both.

readonly LOOPBACK_VTEP_A=127.0.0.1 LOOPBACK_VTEP_B=127.0.0.2

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

loopback_demo() { # REASON
  local gateway_a gateway_b code name value
  loopback_left_out "$1" >&2
  free_ports
  underlay_port=$REPLY
  local port_a=$((REPLY + 1)) port_b=$((REPLY + 2))
  step_begin 'starting two Peregrines on the loopback interface'
  start_loopback_gateway A $LOOPBACK_VTEP_A $LOOPBACK_VTEP_B 198.19.0.1 02:00:00:00:00:01 $port_a
  gateway_a=$child
  start_loopback_gateway B $LOOPBACK_VTEP_B $LOOPBACK_VTEP_A 198.19.0.2 02:00:00:00:00:02 $port_b
  gateway_b=$child
  await_gateway "$gateway_a" "$work/A.log"
  await_gateway "$gateway_b" "$work/B.log"
  step_end
  step_begin "sending UDP both ways for $seconds s each, after a warm-up"
  if run_logged "$work/traffic" "$JAVA_HOME/bin/java" -XX:+UseSerialGC "$root/scripts/lib/LoopbackTraffic.java" \
    $port_a $port_b $LOOPBACK_VTEP_A $LOOPBACK_VTEP_B "$underlay_port" 42 "$seconds"; then
    step_end
    printf '\n%-16s%s\n' '' "two Peregrines, loopback"
    while IFS=$'\t' read -r name value; do printf '%-16s%s\n' "$name" "$value"; done <"$work/traffic"
  else
    step_abort
    failures+=("$(tail -n 1 "$work/traffic")")
  fi
  { drops "$work/A.sock" && drops "$work/B.sock"; } >"$work/drops" || failures+=('Peregrine did not list its drops')
  printf '\n'
  print_drops
  printf '\nBursts of 32 datagrams of 1400 bytes from socket to socket, each passing both gateways: one encapsulates,\n'
  printf 'the other decapsulates. Everything shares %d CPUs (%s).\n' "$(nproc)" "$(uname -sr)"
  [[ -z $keep ]] || keep_loopback "$gateway_a" "$gateway_b"
  for name in "$gateway_a" "$gateway_b"; do
    code=0
    stop "$name" 10 || code=$?
    ((code == 0)) || failures+=("Peregrine ended with exit code $code")
  done
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
