# shellcheck shell=bash
# How the program's JVM is started. A gateway shares its host with the workload: its heap grows with what is configured,
# and it allocates nothing for packets, so that a simple collector serves it. A load generator wants its heap whole from
# the start; a client command lives for a fraction of a second and wants to start fast.

readonly MAIN_CLASS=dev.peregrine.gateway.Main
# The flags of all, and those of a gateway besides.
readonly JVM_FLAGS=("@$root/scripts/jvm.args") GATEWAY_ARGS=$root/scripts/gateway.args
readonly GATEWAY_FLAGS=("@$GATEWAY_ARGS")
readonly LOAD_FLAGS=(-XX:+UseSerialGC -Xms256m -Xmx256m -XX:+AlwaysPreTouch)
readonly BENCH_FLAGS=(-XX:+UseSerialGC -Xms512m -Xmx512m -XX:+AlwaysPreTouch -XX:+UseTransparentHugePages)
readonly CLIENT_FLAGS=(-XX:+UseSerialGC -XX:TieredStopAtLevel=1)

# The flags must be those of the run that wrote the archive, or the JVM ignores it.
archive_classes() { # FOLDER
  "$JAVA_HOME/bin/java" "${JVM_FLAGS[@]}" "${CLIENT_FLAGS[@]}" -XX:ArchiveClassesAtExit="$1/client.jsa" -Xlog:disable \
    -cp "$1/*" "$MAIN_CLASS" --socket "$1/no-gateway.sock" --json status >/dev/null 2>&1 </dev/null || true
}

# The first word that is neither an option nor an option's value.
command_of() { # ARGUMENT… → REPLY
  REPLY=
  while (($# > 0)); do
    case $1 in
      --socket | --timeout | --config) shift ;;
      -*) ;;
      *)
        REPLY=$1
        return
        ;;
    esac
    shift || return 0
  done
}

# `bench ARGUMENT…` and `help bench`: the one command that the program itself does not have.
is_bench() { # ARGUMENT…
  command_of "$@"
  [[ $REPLY == bench || $REPLY == help && " $* " == *' help bench '* ]]
}

# Whether a command line only asks: a gateway, a file, this host, or how something is used. The others start something.
only_reads() { # ARGUMENT…
  asks_for_help "$@" && return
  command_of "$@"
  case $REPLY in
    run | gen | sink | perf) return 1 ;;
    bench) [[ $* == bench ]] ;; # the names of the experiments
  esac
}

asks_for_help() { # ARGUMENT…
  local word
  for word in "$@"; do
    case $word in -h | --help | --version) return ;; esac
  done
  return 1
}

exec_java() { # CLASS_PATH ARGUMENT…
  local class_path=$1 flags=("${JVM_FLAGS[@]}") extra=()
  shift
  command_of "$@"
  case $REPLY in
    run) flags+=("${GATEWAY_FLAGS[@]}") ;;
    gen | sink | perf) flags+=("${LOAD_FLAGS[@]}") ;;
    bench) flags+=("${BENCH_FLAGS[@]}") ;;
    *)
      # What the configuration must fit in.
      [[ $REPLY != check && $REPLY != doctor ]] || flags+=("$(grep '^-Xmx' "$GATEWAY_ARGS")")
      flags+=("${CLIENT_FLAGS[@]}" -Xshare:auto -Xlog:cds=off -Xlog:aot=off -XX:SharedArchiveFile="$APP/client.jsa")
      ;;
  esac
  read -r -a extra <<<"${PEREGRINE_JAVA_OPTS:-}" || true
  if [[ -n ${PEREGRINE_CLASS_PATH:-} ]]; then
    class_path+=:$PEREGRINE_CLASS_PATH
    flags+=(--sun-misc-unsafe-memory-access=allow) # Protocol Buffers, which modules bring, have the JVM warn
  fi
  exec "$JAVA_HOME/bin/java" "${flags[@]}" "${extra[@]}" -cp "$class_path" "$MAIN_CLASS" "$@"
}
