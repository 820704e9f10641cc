# shellcheck shell=bash
# Where network namespaces can be made: as root directly, as an ordinary user inside a user namespace in which
# that user is root. `ip netns` wants to write to /run, which there is a tmpfs of its own.

can_make_namespaces() {
  [[ $EUID == 0 ]] && unshare --net --mount ip link set lo up 2>/dev/null
}

can_make_userns() {
  unshare --user --map-root-user --net --mount mount -t tmpfs tmpfs /run 2>/dev/null
}

exec_in_userns() { PEREGRINE_USERNS=1 exec unshare --user --map-root-user --net --mount -- "$@"; }

# To be called first by what was started so. The JVM takes the home folder from the user database, where the user
# that it now is has root's.
enter_userns() {
  export MAVEN_OPTS="-Duser.home=$HOME ${MAVEN_OPTS:-}"
  mount -t tmpfs tmpfs /run
  ip link set lo up
}

# A TAP device needs /dev/net/tun open for reading and writing, which on some machines is root's alone.
can_open_tun() {
  [[ -c /dev/net/tun ]] || modprobe tun 2>/dev/null || true
  # shellcheck disable=SC2188
  (exec 3<>/dev/net/tun) 2>/dev/null
}
