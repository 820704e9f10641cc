# shellcheck shell=bash
# The first seconds of an installed gateway and how much memory it takes: of a package's program, not of the checkout's.

readonly START_ROUNDS=5 START_PORTS=(1 10 100 1000) FLOW_ROUNDS=3 WARM_SECONDS=12 IDLE_SECONDS=75

start_bench() { # start [TARBALL]
  local archive=${2:-}
  need_packages ip:iproute2 ethtool:ethtool iperf3:iperf3
  can_make_namespaces || die 'This needs root.'
  work=$(mktemp -d "${TMPDIR:-/tmp}/peregrine-bench.$$.XXXXXX")
  LAB=pbench$$-start
  trap start_clean_up EXIT
  trap 'exit 130' INT TERM
  if [[ -z $archive ]]; then
    "$root/scripts/package" --out "$work" tarball
    archive=$(echo "$work"/*.tar.gz)
  fi
  tar -xzf "$archive" -C "$work"
  program=$(echo "$work"/peregrine-*/bin/peregrine)
  lab_up
  lab_kernel_vtep_A
  printf '\n%-42s%s\n' 'ready after the start, one port' "$(start_times)"
  printf '%-42s%s\n' 'peregrine status' "$(command_times)"
  printf '%-42s%s\n' 'one UDP flow into the container' "$(first_second)"
  memory_by_ports
}

start_clean_up() {
  stop_all
  lab_down
  rm -rf "$work"
}

# A gateway with a number of ports, each in a VNI of its own but for the first ten, in their container's namespace.
ports_config() { # PORTS
  local port
  lab_gateway_config "$work/control.sock" | sed '/^control:/d'
  for ((port = 2; port <= $1; port++)); do
    cat <<END
  - vni: $((10000 + port))
    ports:
      - {name: port$port, type: tap, device: p$port, netns: $LAB-cB}
END
  done
  printf 'control: {socket: "%s"}\n' "$work/control.sock"
}

now_ms() { REPLY=$((${EPOCHREALTIME/./} / 1000)); }

# → gateway, ready_ms
start_installed() { # PORTS
  local begin
  ports_config "$1" >"$work/gateway.yaml"
  now_ms
  begin=$REPLY
  start "$work/gateway.log" ip netns exec "$LAB-hB" "$program" run --config "$work/gateway.yaml"
  gateway=$child
  until grep -q '^ready' "$work/gateway.log"; do
    alive "$gateway" || die 'The gateway ended:' "$(tail -n 5 "$work/gateway.log")"
    pause 0.005
  done
  now_ms
  ready_ms=$((REPLY - begin))
}

median() { sort -n | awk '{ values[NR] = $1 } END { print values[int((NR + 1) / 2)] }'; }

start_times() {
  local round times=()
  for ((round = 0; round < START_ROUNDS; round++)); do
    start_installed 1
    times+=("$ready_ms")
    stop "$gateway" 20
  done
  printf '%s ms, median of %s' "$(printf '%s\n' "${times[@]}" | median)" "${times[*]}"
}

command_times() {
  local round begin times=()
  start_installed 1
  for ((round = 0; round < START_ROUNDS; round++)); do
    now_ms
    begin=$REPLY
    "$program" --socket "$work/control.sock" status >/dev/null
    now_ms
    times+=($((REPLY - begin)))
  done
  stop "$gateway" 20
  printf '%s ms, median of %s' "$(printf '%s\n' "${times[@]}" | median)" "${times[*]}"
}

# What arrives in the first second after `ready`, against the median of the seconds from the fifth on.
first_second() {
  local round shares=() texts=''
  for ((round = 0; round < FLOW_ROUNDS; round++)); do
    measure_flow
    shares+=("${REPLY%% *}")
    texts+="${texts:+; }${REPLY#* }"
  done
  printf '%s %% in the first second, median of %s' "$(printf '%s\n' "${shares[@]}" | median)" "$texts"
}

measure_flow() { # → REPLY: the share in percent, and how it came about
  local server
  start_installed 1
  start "$work/server.log" ip netns exec "$LAB-cB" iperf3 --server --interval 1
  server=$child
  wait_until 5 grep -q listening "$work/server.log" || true
  run_logged "$work/client.log" ip netns exec "$LAB-cA" iperf3 --client "$LAB_INNER_B" --udp --bandwidth 0 \
    --length 1400 --time $WARM_SECONDS || true
  stop "$server" || true
  stop "$gateway" 20
  REPLY=$(awk '/bits\/sec/ && /%/ && !/receiver|sender/ {
      split($3, interval, "-"); for (i = 2; i <= NF; i++) if ($i ~ /^[0-9]+\/[0-9]+$/) { split($i, count, "/"); rate[++n] = count[2] - count[1] } }
    END {
      for (i = 5; i <= n; i++) warm[++m] = rate[i]
      for (i = 1; i <= m; i++) for (j = i + 1; j <= m; j++) if (warm[j] < warm[i]) { t = warm[i]; warm[i] = warm[j]; warm[j] = t }
      w = warm[int((m + 1) / 2)]
      if (w > 0) printf "%d %d of %d", 100 * rate[1] / w, rate[1], w
      else print "0 failed" }' "$work/server.log")
}

memory_by_ports() {
  local ports
  printf '\n%8s  %12s  %12s  %12s  %12s  %10s\n' ports 'after 5 s' 'idle' 'by the sum' 'of the heap' 'ready'
  for ports in "${START_PORTS[@]}"; do
    start_installed "$ports"
    pause 5
    printf '%8s  %8s MiB' "$ports" "$(resident_mib)"
    pause $IDLE_SECONDS
    printf '  %8s MiB  %8s MiB  %8s MiB  %7s ms\n' "$(resident_mib)" "$(sum_mib)" "$(heap_mib)" "$ready_ms"
    stop "$gateway" 60
  done
}

resident_mib() { awk '/^VmRSS/ { print int($2 / 1024) }' "/proc/$(gateway_jvm)/status"; }

# The sum that `check` has for the configuration.
sum_mib() {
  "$program" --json check --config "$work/gateway.yaml" | tr -d ' ' |
    awk -F: '/"idleMemoryBytes"/ { print int($2 / 1048576) }'
}

# `ip netns exec` and the launcher become the JVM.
gateway_jvm() { printf '%s' "$gateway"; }

# Pages of the heap that are resident: it is the one mapping below 4 GiB that is neither a file nor the cache.
heap_mib() {
  awk '/^[0-9a-f]+-/ { split($1, range, "-"); heap = length(range[1]) == 8 && $6 == "" }
    heap && /^Rss/ { sum += $2 } END { print int(sum / 1024) }' "/proc/$(gateway_jvm)/smaps"
}
