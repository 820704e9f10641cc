# shellcheck shell=bash
# The JVM's cache of a package: a gateway carries traffic once, and the JVM writes down which classes it used, linked,
# and which of their methods were hot (JEP 483, 514, 515). A gateway that starts with it is ready in half the time and
# knows from its first packet on what to compile.

readonly TRAINING_SECONDS=4

package_train() { # IMAGE
  local image=$1
  step_begin 'training the caches'
  if can_make_namespaces && can_open_tun && train_in_lab "$image"; then
    :
  else
    train_on_loopback "$image"
  fi
  [[ -s $image/lib/run.aot && -s $image/lib/client.aot ]] || die 'The JVM wrote no cache:' "$(tail -n 5 "$work/gateway.log")"
  step_end
}

# The classes of an image's program, by the flags of a kind of command.
image_program() { # IMAGE KIND → command
  command=("$1/lib/runtime/bin/java" "@$1/lib/jvm/$2.args" "-Djava.library.path=$1/lib/native" -cp "$1/lib/peregrine.jar" "${@:3}" "$MAIN_CLASS")
}

# Between a container on a host with the kernel's VXLAN device and one behind a TAP device.
train_in_lab() { # IMAGE
  local image=$1 server code=0
  LAB=package$$
  lab_up
  lab_kernel_vtep_A
  lab_gateway_config "$work/control.sock" >"$work/gateway.yaml"
  start_training "$image" ip netns exec "$LAB-hB"
  image_program "$image" load
  start "$work/server.log" ip netns exec "$LAB-cB" "${command[@]}" perf server
  server=$child
  if wait_until 10 grep -q listening "$work/server.log"; then
    for direction in '' --reverse; do
      for protocol in '' --udp; do
        # shellcheck disable=SC2086 # options, or nothing
        run_logged "$work/client.log" ip netns exec "$LAB-cA" "${command[@]}" perf client "$LAB_INNER_B" \
          --time $TRAINING_SECONDS $protocol $direction || code=$?
      done
    done
  else
    code=1
  fi
  stop "$server" || true
  end_training "$image"
  lab_down
  return $code
}

# From a generator that stands for a remote VTEP to a socket.
train_on_loopback() { # IMAGE
  local image=$1 port=$((20000 + RANDOM % 10000))
  cat >"$work/gateway.yaml" <<END
underlay: {local: 127.0.0.1, port: $port, allow: [127.0.0.2]}
vnis:
  - vni: 42
    mtu: 1450
    ports:
      - {name: app, type: socket, listen: "198.19.0.2:5000", deliver: "udp:127.0.0.1:$((port + 1))", mac: "02:00:00:00:00:02"}
control: {socket: "$work/control.sock"}
END
  start_training "$image"
  image_program "$image" load
  start "$work/sink.log" "${command[@]}" sink --listen "127.0.0.1:$((port + 1))" --idle 2 --quiet
  run_logged "$work/gen.log" "${command[@]}" gen --to "127.0.0.1:$port" --from 127.0.0.2 --vni 42 --quiet \
    --inner-src 02:00:00:00:00:01/198.19.0.1:6000 --inner-dst 02:00:00:00:00:02/198.19.0.2:5000 \
    --rate 200k --count $((200000 * TRAINING_SECONDS)) --size 1400 ||
    warn "The training had no traffic: $(tail -n 1 "$work/gen.log")"
  end_training "$image"
}

start_training() { # IMAGE COMMAND… before the program
  local image=$1
  shift
  # The generator of code for calls of C functions is hot at the start alone: compiling it would take a CPU from the first
  # packets.
  image_program "$image" run "-XX:AOTCacheOutput=$image/lib/run.aot" \
    '-XX:CompileCommand=exclude,jdk.internal.classfile.impl.*::*'
  start "$work/gateway.log" "$@" "${command[@]}" run --config "$work/gateway.yaml"
  training=$child
  wait_until 30 grep -q '^ready' "$work/gateway.log" || die 'The gateway is not ready:' "$(tail -n 20 "$work/gateway.log")"
}

# A client's cache by a command that asks the gateway, and the gateway's own, which the JVM writes when it ends.
end_training() { # IMAGE
  image_program "$1" client "-XX:AOTCacheOutput=$1/lib/client.aot"
  run_logged "$work/client.log" "${command[@]}" --socket "$work/control.sock" port list || true
  stop "$training" 120 || true
}
