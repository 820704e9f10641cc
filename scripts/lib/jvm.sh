# shellcheck shell=bash
# How the program's JVM is started. A gateway is long-lived and wants its heap whole from the start, and so does a load
# generator, which produces no garbage to collect; a client command lives for a fraction of a second and wants to start
# fast.

readonly MAIN_CLASS=dev.peregrine.gateway.Main
# Agrona reads and writes packets by the JDK's own access to memory, hence the opened package.
readonly JVM_FLAGS=(--enable-native-access=ALL-UNNAMED --add-opens=java.base/jdk.internal.misc=ALL-UNNAMED
  -XX:+UseCompactObjectHeaders)
# A system call allocates where the compiler gives up inlining its parts: because they were compiled before their caller
# (the limits), or because the caller is a whole chain of devices already (hence each call is compiled by itself).
readonly SYSTEM_CALL_FLAGS=(-XX:InlineSmallCode=20000 -XX:MaxInlineLevel=40 -XX:CompileCommand=quiet
  '-XX:CompileCommand=dontinline,dev.peregrine.dataplane.linux.sys.Syscalls::*')
# Packets, tables of flows and rules are read at random: in huge pages the TLB reaches them all.
readonly HEAP_FLAGS=(-XX:+AlwaysPreTouch -XX:+UseTransparentHugePages)
# What a gateway's heap may grow to unless PEREGRINE_JAVA_OPTS says otherwise; `check` and `doctor` must know, too.
readonly GATEWAY_HEAP=-Xmx256m
readonly GATEWAY_FLAGS=(-XX:+UseParallelGC -Xms256m "$GATEWAY_HEAP" "${HEAP_FLAGS[@]}" "${SYSTEM_CALL_FLAGS[@]}")
readonly LOAD_FLAGS=(-XX:+UseSerialGC -Xms256m -Xmx256m -XX:+AlwaysPreTouch)
readonly BENCH_FLAGS=(-XX:+UseSerialGC -Xms512m -Xmx512m "${HEAP_FLAGS[@]}" "${SYSTEM_CALL_FLAGS[@]}")
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

exec_java() { # CLASS_PATH ARGUMENT…
  local class_path=$1 flags=("${JVM_FLAGS[@]}") extra=()
  shift
  command_of "$@"
  case $REPLY in
    run) flags+=("${GATEWAY_FLAGS[@]}") ;;
    gen | sink | perf) flags+=("${LOAD_FLAGS[@]}") ;;
    bench) flags+=("${BENCH_FLAGS[@]}") ;;
    *)
      [[ $REPLY != check && $REPLY != doctor ]] || flags+=("$GATEWAY_HEAP")
      flags+=("${CLIENT_FLAGS[@]}" -Xshare:auto -Xlog:cds=off -Xlog:aot=off -XX:SharedArchiveFile="$APP/client.jsa")
      ;;
  esac
  read -r -a extra <<<"${PEREGRINE_JAVA_OPTS:-}" || true
  exec "$JAVA_HOME/bin/java" "${flags[@]}" "${extra[@]}" -cp "$class_path" "$MAIN_CLASS" "$@"
}
