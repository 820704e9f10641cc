# shellcheck shell=bash
# Runs a benchmark's JVM, and whatever ends it, takes down what it made: it names its labs after this script.

readonly WIRE_BENCH_PACKAGES=(ip:iproute2 tc:iproute2 ss:iproute2 ethtool:ethtool iperf3:iperf3 ping:iputils-ping setpriv:util-linux unshare:util-linux)

wire_bench() { # wire OPTION…
  export LC_ALL=C.UTF-8
  if asks_for_help "$@" || [[ " $* " == *' --list '* ]]; then
    find_jdk || no_jdk
    use_built app bench
    exec "$JAVA_HOME/bin/java" "${JVM_FLAGS[@]}" "${CLIENT_FLAGS[@]}" -cp "$APP/*:$BENCH/*" \
      dev.peregrine.bench.wire.WireBench "${@:2}"
  fi
  if [[ -z ${PEREGRINE_USERNS:-} ]]; then
    need_jdk
    build_bench
    need_packages "${WIRE_BENCH_PACKAGES[@]}"
    want_packages ovs-vswitchd:openvswitch-switch || warn 'Without Open vSwitch.'
    if ! can_make_namespaces; then
      can_make_userns || die 'Network namespaces cannot be made here: run this as root.'
      exec_in_userns "$self" "$@"
    fi
  else
    enter_userns
  fi
  can_open_tun || die '/dev/net/tun cannot be opened: without TAP devices there is no container for Peregrine.' \
    "As root: chmod 666 /dev/net/tun, which is usual, or run this as root."
  shift
  trap bench_clean_up EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
  labs=pbench$$
  work=$(mktemp -d "${TMPDIR:-/tmp}/peregrine-bench.$$.XXXXXX")
  sweep_dead_benches
  local code=0
  setpriv --pdeathsig TERM -- "$JAVA_HOME/bin/java" "${JVM_FLAGS[@]}" -XX:+UseSerialGC -Dbench.root="$root" -Dbench.work="$work" -Dbench.labs="$labs" \
    -cp "$APP/*:$BENCH/*" dev.peregrine.bench.wire.WireBench "$@" </dev/null &
  bench_jvm=$!
  wait "$bench_jvm" || code=$?
  exit "$code"
}

micro_bench() { # micro [--quick] JMH-OPTION…
  local options=() option
  shift
  for option in "$@"; do
    if [[ $option == --quick ]]; then
      options+=(-f 1 -wi 2 -w 500ms -i 3 -r 500ms)
    else
      options+=("$option")
    fi
  done
  if asks_for_help "$@" || [[ " $* " =~ ' -l'(p|prof|rf)?' ' ]]; then
    find_jdk || no_jdk
    use_built app bench
  else
    need_jdk
    build_bench
  fi
  exec "$JAVA_HOME/bin/java" "${JVM_FLAGS[@]}" "${BENCH_FLAGS[@]}" -cp "$APP/*:$BENCH/*" \
    org.openjdk.jmh.Main "${options[@]}"
}

# Runs at every end. Further signals are not to interrupt it.
bench_clean_up() {
  local code=$? lab
  trap '' INT TERM HUP PIPE
  if [[ -n ${bench_jvm:-} ]] && alive "$bench_jvm"; then
    say 'Cleaning up'
    kill -TERM "$bench_jvm" 2>/dev/null || true
    wait_until 5 bench_jvm_ended || kill -KILL "$bench_jvm" 2>/dev/null || true
  fi
  bench_labs_down
  rm -rf "$work"
  exit "$code"
}

# More than once: one may just have been in the making.
bench_labs_down() {
  local lab tries=5
  while ((tries-- > 0)); do
    for lab in $(bench_labs "$labs"); do bench_lab_down "$lab"; done
    [[ -n $(bench_labs "$labs") ]] || return 0
    pause 0.2
  done
  warn "Left behind: $(bench_labs "$labs" | tr '\n' ' ')"
}

bench_jvm_ended() { ! alive "$bench_jvm"; }

# The labs whose names begin so, one a line.
bench_labs() { # PREFIX
  ip netns list | sed -n "s/^\($1-[a-z-]*\)-[hc][AB]\( .*\)\?\$/\1/p" | sort -u
}

# Ends what runs in a lab, also what is paused there, and removes it.
bench_lab_down() { # LAB
  local LAB=$1 name pids tries=50
  for name in $(lab_namespaces); do
    pids=$(ip netns pids "$name")
    # shellcheck disable=SC2086
    [[ -z $pids ]] || { kill -TERM $pids && kill -CONT $pids; } 2>/dev/null || true
  done
  for name in $(lab_namespaces); do
    while [[ -n $(ip netns pids "$name") ]] && ((tries-- > 0)); do pause 0.1; done
    pids=$(ip netns pids "$name")
    # shellcheck disable=SC2086
    [[ -z $pids ]] || kill -KILL $pids 2>/dev/null || true
  done
  lab_down
}

# What a run left that was killed outright; the names carry its process id.
sweep_dead_benches() {
  local lab folder
  for lab in $(bench_labs 'pbench[0-9]*'); do
    [[ $lab =~ ^pbench([0-9]+)- && ! -d /proc/${BASH_REMATCH[1]} ]] || continue
    bench_lab_down "$lab"
  done
  for folder in "${TMPDIR:-/tmp}"/peregrine-bench.*.*; do
    [[ -O $folder && $folder =~ /peregrine-bench\.([0-9]+)\.[^/]*$ && ! -d /proc/${BASH_REMATCH[1]} ]] || continue
    rm -rf "$folder"
  done
}
