# shellcheck shell=bash
# Ping and iperf3 between two hosts of the lab. Results go to the associative array `result`, keyed "CONTENDER
# MEASURED"; a measurement that came to no result leaves "failed" there and a line in `failures`.

declare -A result lost_udp unread_udp
failures=() remarks=() pings=0 answers=0

readonly TCP_WARM_UP_SECONDS=1 UDP_PAYLOAD_BYTES=1400
# Times the UDP rate, in the row about overload.
readonly OVERLOAD=4
readonly PINGS=500
readonly ping_network=fd19
readonly MEASURED=('ping A->B' 'ping B->A' 'TCP A->B' 'TCP B->A' 'UDP A->B' 'UDP B->A' 'UDP overload')

record() { # CONTENDER MEASURED VALUE
  result[$1 $2]=$3
  printf ' %s· %s%s %s' "$dim" "$2" "$plain" "$3" >&2
}

record_failure() { # CONTENDER MEASURED LOG
  record "$1" "$2" failed
  failures+=("$1, $2: $(awk 'NF { line = $0 } END { print line }' "$3")")
}

# Between containers (cA, cB) through the overlay, or between hosts (hA, hB) without.
measure() { # CONTENDER HOST_A ADDRESS_A HOST_B ADDRESS_B SECONDS UDP_PACKETS_PER_SECOND
  local contender=$1 host_a=$2 address_a=$3 host_b=$4 address_b=$5 seconds=$6 rate=$7 server
  local ping_a=$address_a ping_b=$address_b
  printf '  %s%s%s' "$bold" "$contender" "$plain" >&2
  if [[ -e /proc/sys/net/ipv6 ]]; then
    add_ping_address "$host_a" "$ping_network::1"
    add_ping_address "$host_b" "$ping_network::2"
    ping_a=$ping_network::1 ping_b=$ping_network::2
  fi
  measure_ping "$contender" 'ping A->B' "$host_a" "$host_b" "$ping_b"
  measure_ping "$contender" 'ping B->A' "$host_b" "$host_a" "$ping_a"
  start "$work/iperf3-server.log" ip netns exec "$LAB-$host_b" iperf3 --server
  server=$child
  if wait_until 5 listening "$host_b"; then
    measure_tcp "$contender" 'TCP A->B' "$host_a" "$address_b" "$seconds"
    measure_tcp "$contender" 'TCP B->A' "$host_a" "$address_b" "$seconds" --reverse
    measure_udp "$contender" 'UDP A->B' "$host_a" "$host_b" "$address_b" "$seconds" "$rate"
    measure_udp "$contender" 'UDP B->A' "$host_a" "$host_a" "$address_b" "$seconds" "$rate" --reverse
    measure_udp "$contender" 'UDP overload' "$host_a" "$host_b" "$address_b" "$seconds" $((rate * OVERLOAD))
  else
    failures+=("$contender: no iperf3 server in $host_b")
  fi
  stop "$server" || true
  printf '\n' >&2
}

listening() { [[ -n $(lab_in "$1" ss --no-header --listening --tcp --numeric 'sport = :5201') ]]; }

# Of a container (its eth0) or of a host (its end of the underlay). Pings go over IPv6, TCP and UDP over IPv4: so both are
# shown, and pings do not depend on the kernel's ICMP sockets, one per CPU for all namespaces, which can run out of
# buffers for IPv4.
add_ping_address() { # HOST ADDRESS
  local device=eth0
  [[ $1 == c? ]] || device=u${1#h}
  lab_in "$1" sh -c "echo 0 >/proc/sys/net/ipv6/conf/$device/disable_ipv6"
  lab_ip "$1" address replace "$2/64" dev "$device" nodad
}

# Sends pings, one every 2 ms; replies with how many of the first COUNT were lost, and the average round trip of all in
# ms; fails where none was answered. With a deadline, ping waits for the last answers, and may send more meanwhile;
# without, it waits no longer than twice the longest round trip, which a busy machine can exceed.
count_pings() { # LOG FROM ADDRESS COUNT
  run_logged "$1" ip netns exec "$LAB-$2" ping -n -c "$4" -i 0.002 -w 10 "$3" || true
  read -r REPLY < <(awk -v count="$4" '
      match($0, /icmp_seq=[0-9]+/) {
        number = substr($0, RSTART + 9, RLENGTH - 9) + 0
        if (number <= count && !seen[number]++) received++
      }
      /^rtt / { split($4, times, "/"); average = times[2] }
      END { if (received > 0) printf "%d %.3f\n", count - received, average }' "$1")
}

measure_ping() { # CONTENDER MEASURED FROM TO ADDRESS
  local log=$work/ping.log unsent lost
  # The first few resolve addresses and fill tables.
  run_logged "$log" ip netns exec "$LAB-$3" ping -n -q -c 3 -i 0.1 -W 1 "$5" || true
  unsent=$(unsent_answers "$4")
  if ! count_pings "$log" "$3" "$5" "$PINGS"; then
    record_failure "$1" "$2" "$log"
    return
  fi
  unsent=$(($(unsent_answers "$4") - unsent))
  lost=${REPLY% *}
  REPLY="${REPLY#* } ms"
  pings=$((pings + PINGS)) answers=$((answers + PINGS - lost))
  ((lost == 0)) || REPLY+=" ($lost lost)"
  record "$1" "$2" "$REPLY"
  if ((lost > unsent)); then
    failures+=("$1, $2: lost pings: $REPLY")
  elif ((lost > 0)); then
    remarks+=("$1, $2: the kernel of $4 could not send $unsent answers (OutErrors of its ICMP).")
  fi
}

# Answers to pings that a host's kernel made and could not send, of both versions of IP.
unsent_answers() { # HOST
  local six=0
  [[ ! -e /proc/net/snmp6 ]] || six=$(lab_in "$1" awk '$1 == "Icmp6OutErrors" { print $2 }' /proc/net/snmp6)
  printf '%d\n' $((six + $(counter "$1" Icmp OutErrors)))
}

# Of /proc/net/snmp, where a line of names stands in front of the line of values.
counter() { # HOST PROTOCOL NAME
  lab_in "$1" awk -v protocol="$2:" -v name="$3" '
    $1 != protocol { next }
    !column { for (column = NF; column > 1 && $column != name; column--); next }
    { print $column }' /proc/net/snmp
}

measure_tcp() { # CONTENDER MEASURED FROM ADDRESS SECONDS [--reverse]
  local contender=$1 measured=$2 log=$work/tcp.log
  iperf3_client "$log" "${@:3:3}" --omit "$TCP_WARM_UP_SECONDS" "${@:6}" || true
  if read -r REPLY < <(awk '/receiver$/ {
      for (i = 2; i <= NF; i++) if ($i == "Mbits/sec" && $(i - 1) > 0) printf "%.2f Gbit/s\n", $(i - 1) / 1000 }' "$log"); then
    record "$contender" "$measured" "$REPLY"
  else
    record_failure "$contender" "$measured" "$log"
  fi
}

measure_udp() { # CONTENDER MEASURED FROM RECEIVER ADDRESS SECONDS PACKETS_PER_SECOND [--reverse]
  local contender=$1 measured=$2 receiver=$4 log=$work/udp.log rate=$7 lost unread cpus
  end_cpus
  cpus=$REPLY
  unread=$(counter "$receiver" Udp RcvbufErrors)
  iperf3_client "$log" "$3" "${@:5:2}" --udp --length "$UDP_PAYLOAD_BYTES" --affinity "$cpus" \
    --bandwidth $((rate * UDP_PAYLOAD_BYTES * 8)) "${@:8}" || true
  # [ID] 0.00-3.00 sec 400 MBytes 1100 Mbits/sec 0.002 ms 12/300000 (0.004%) receiver
  if read -r lost REPLY < <(awk '/receiver$/ {
      split($3, interval, "-"); for (i = 2; i <= NF; i++) if ($i ~ /^[0-9]+\/[0-9]+$/) split($i, count, "/")
      if (count[2] > 0 && interval[2] > 0)
        printf "%d %.0f/s, %.2f%% lost\n", count[1], (count[2] - count[1]) / interval[2], 100 * count[1] / count[2] }' "$log"); then
    record "$contender" "$measured" "$REPLY"
    lost_udp[$contender]=$((${lost_udp[$contender]:-0} + lost))
    unread_udp[$contender]=$((${unread_udp[$contender]:-0} + $(counter "$receiver" Udp RcvbufErrors) - unread))
  else
    record_failure "$contender" "$measured" "$log"
  fi
}

# The first and the last CPU that this process may use → REPLY, for iperf3 --affinity: so its receiver never shares the
# CPU that its sender fills.
end_cpus() {
  local name list
  while read -r name list; do
    [[ $name != Cpus_allowed_list: ]] || REPLY=${list%%[-,]*},${list##*[-,]}
  done </proc/self/status
}

# No VTEP can know of packets that an application did not read in time.
print_unread() { # CONTENDER…
  local contender separator=''
  printf 'UDP lost, and of that in the full receive buffer of iperf3: '
  for contender in "$@"; do
    printf '%s%s %d, %d' "$separator" "$contender" "${lost_udp[$contender]:-0}" "${unread_udp[$contender]:-0}"
    separator='; '
  done
  printf '.\n'
}

iperf3_client() { # LOG FROM ADDRESS SECONDS OPTION…
  local log=$1 from=$2 address=$3 seconds=$4
  run_logged "$log" ip netns exec "$LAB-$from" timeout $((seconds + 10)) \
    iperf3 --client "$address" --time "$seconds" --format m --connect-timeout 3000 "${@:5}"
}

# What was measured, one line each, with a column for each contender; to stdout.
print_table() { # CONTENDER…
  local contender measured
  {
    printf '%-14s' ''
    printf '%-23s' "$@"
    printf '\n'
    for measured in "${MEASURED[@]}"; do
      printf '%-14s' "$measured"
      for contender in "$@"; do printf '%-23s' "${result[$contender $measured]:--}"; done
      printf '\n'
    done
  } | sed 's/ *$//'
}
