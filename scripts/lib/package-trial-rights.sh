# shellcheck shell=bash
# The trial of the service's rights: of a configuration that needs all of them, each is taken away, and the service says
# so in its log, as docs/capabilities.md has it.

readonly DROP_IN=/run/systemd/system/peregrine.service.d/rights.conf

# A capability, a family of sockets, a device or a system call; what is said without it.
readonly RIGHTS=(
  CAP_NET_ADMIN 'port web is failed: ioctl\(TUNSETIFF.*EPERM.*CAP_NET_ADMIN'
  CAP_NET_RAW 'port wire is failed: socket\(AF_PACKET\): EPERM.*CAP_NET_RAW'
  CAP_SYS_ADMIN 'port web is failed: setns\(web\): EPERM.*CAP_SYS_ADMIN'
  CAP_SYS_NICE 'keeps its nice value: setpriority.*EACCES.*CAP_SYS_NICE'
  /dev/net/tun 'port web is failed: open\(/dev/net/tun\): EPERM.*give the container the device'
  AF_PACKET 'port wire is failed: socket\(AF_PACKET\): EAFNOSUPPORT.*RestrictAddressFamilies'
  AF_NETLINK 'socket\(rtnetlink\): EAFNOSUPPORT.*RestrictAddressFamilies'
  AF_UNIX 'socket\(Unix datagram\): EAFNOSUPPORT.*RestrictAddressFamilies'
  setns 'port web is failed: setns\(web\): EPERM'
  unshare 'not checked: unshare\(network namespace\): EPERM'
  ioctl 'port web is failed: ioctl\(TUNSETIFF.*EPERM'
  sendmmsg 'datagrams to VTEP 198.18.0.1 are lost: EPERM'
  sched_setaffinity 'is not pinned to CPU.*sched_setaffinity.*EPERM.*list of system calls'
  sched_setattr 'keeps its slice: sched_setattr.*EPERM.*list of system calls'
  setpriority 'keeps its nice value: setpriority.*EPERM'
  fsync 'cannot write the last picture of control plane dir: .*Operation not permitted'
)

try_rights() {
  local index
  cp -p /etc/peregrine/peregrine.yaml /tmp/kept.yaml
  ip link add card type veth peer name far-card
  ip link set card up
  write_configuration /etc/peregrine/peregrine.yaml
  cat >>/etc/peregrine/peregrine.yaml <<'END'
      - {name: wire, type: interface, device: card}
workers: {nice: -1}
END
  add_plane
  mkdir -p "${DROP_IN%/*}"
  for ((index = 0; index < ${#RIGHTS[@]}; index += 2)); do
    try_without "${RIGHTS[index]}" "${RIGHTS[index + 1]}"
  done
  rm "$DROP_IN"
  ip link del card
  cp -p /tmp/kept.yaml /etc/peregrine/peregrine.yaml
  restart_anew
  await 20 'the ping with all rights' pings
  say "rights: each of $((${#RIGHTS[@]} / 2)) was taken away, and missed by its message"
}

restart_anew() {
  systemctl daemon-reload
  systemctl stop peregrine
  systemctl reset-failed peregrine 2>/dev/null || true
  systemctl start --no-block peregrine
}

try_without() { # RIGHT MESSAGE
  local since
  { printf '[Service]\n' && without "$1"; } >"$DROP_IN"
  since=$(date '+%Y-%m-%d %H:%M:%S')
  restart_anew
  ip netns exec far ping -n -q -c 20 -i 0.2 fd19::2 >/dev/null 2>&1 & # something to send
  await 15 "without $1 the message $2" is_said "$2"
  kill $! 2>/dev/null || true
}

is_said() { grep -qE "$1" <(journalctl --no-pager --unit peregrine --output cat --since "$since"); }

# The lines that take a right away.
without() { # RIGHT
  case $1 in
    CAP_*) printf 'CapabilityBoundingSet=~%s\nAmbientCapabilities=~%s\n' "$1" "$1" ;;
    AF_*) printf 'RestrictAddressFamilies=~%s\n' "$1" ;;
    /dev/*) printf 'DeviceAllow=\n' ;;
    *) printf 'SystemCallFilter=~%s\n' "$1" ;;
  esac
}
