# shellcheck shell=bash
# The trial of the service's rights: without one of them it says so, as docs/capabilities.md has it.

readonly DROP_IN=/run/systemd/system/peregrine.service.d/rights.conf

# A right taken away, by lines of a drop-in; then what the log, `port list` or `status` says.
readonly RIGHTS=(
  'CAP_NET_ADMIN'  '%CAP_NET_ADMIN'  'XXX'
)

write_needy_configuration() { # FILE: one that needs every right
  write_configuration "$1"
  cat >>"$1" <<'END'
      - {name: wire, type: interface, device: card}
      - {name: app, type: socket, listen: "198.19.0.9:9000", deliver: "udp:127.0.0.1:9000"}
workers: {nice: -1}
END
}

# The lines that take a capability, a system call or a family of addresses away.
without() { # RIGHT
  case $1 in
    CAP_*) printf 'CapabilityBoundingSet=~%s\nAmbientCapabilities=~%s\n' "$1" "$1" ;;
    AF_*) printf 'RestrictAddressFamilies=~%s\n' "$1" ;;
    /dev/*) printf 'DeviceAllow=\n' ;;
    *) printf 'SystemCallFilter=~%s\n' "$1" ;;
  esac
}

start_without() { # RIGHT
  mkdir -p "${DROP_IN%/*}"
  { printf '[Service]\n' && without "$1"; } >"$DROP_IN"
  systemctl daemon-reload
  systemctl reset-failed peregrine 2>/dev/null || true
  since=$(date '+%Y-%m-%d %H:%M:%S')
  systemctl restart --no-block peregrine
}
try_rights() { :; }
