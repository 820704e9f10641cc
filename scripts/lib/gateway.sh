# shellcheck shell=bash
# A running Peregrine, as seen by the demos.

# The `ready` line within 30 s, or the end of the demo with what the gateway said.
await_gateway() { # PID LOG
  wait_until 30 gateway_answered "$1" "$2" || true
  grep -q '^ready' "$2" && return
  step_abort
  tail -n 40 "$2" >&2
  if alive "$1"; then die 'Peregrine was not ready within 30 s. Above: what it said.'; fi
  die 'Peregrine ended before it was ready. Above: what it said.'
}

gateway_answered() { grep -q '^ready' "$2" || ! alive "$1"; }

# "count REASON: text" for every reason that counted something.
drops() { # SOCKET
  "$root/scripts/peregrine" --socket "$1" --json drop list | awk 'BEGIN { RS = "}" }
    match($0, /"count" *: *[0-9]+/) {
      count = substr($0, RSTART, RLENGTH); sub(/.*: */, "", count)
      if (count == 0) next
      reason = text = $0
      sub(/.*"reason" *: *"/, "", reason); sub(/".*/, "", reason)
      sub(/.*"text" *: *"/, "", text); sub(/"[^"]*$/, "", text); gsub(/\\"/, "\"", text)
      printf "%10d  %s: %s\n", count, reason, text
    }'
}

print_drops() {
  if [[ -s $work/drops ]]; then
    printf 'Peregrine dropped, while it was measured:\n'
    cat "$work/drops"
  else
    printf 'Peregrine dropped nothing.\n'
  fi
}
