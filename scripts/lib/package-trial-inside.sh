#!/usr/bin/env bash
# What a user does with the packages, on the machine that package-trial.sh makes.
set -euo pipefail
for part in oci faults rights; do
  # shellcheck source=/dev/null
  . "/trial/$part"
done

say() { printf '%s\n' "$*"; }

die() {
  say "$*"
  journalctl --no-pager --unit peregrine 2>/dev/null | tail -n 30
  cat /run/container.log 2>/dev/null
  exit 1
}

await() { # SECONDS WHAT COMMAND…
  local end=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < end)) || die "not within its time: $what"
    sleep 0.05
  done
}

make_namespaces() {
  ip link set lo up
  ip netns add far
  ip netns add web
}

# The other host, with the kernel's VXLAN device.
make_underlay() {
  ip link add near mtu 1600 type veth peer name far mtu 1600 netns far
  ip address add 198.18.0.2/24 dev near
  ip link set near up
  ip -n far address add 198.18.0.1/24 dev far
  ip -n far link set far up
  ip -n far link add vxlan42 mtu 1500 type vxlan id 42 local 198.18.0.1 remote 198.18.0.2 dstport 4789 dev far
  ip -n far address add fd19::1/64 dev vxlan42 nodad
  ip -n far link set vxlan42 up
}

write_configuration() { # FILE
  cat >"$1" <<'END'
underlay: {local: 198.18.0.2, device: near}
vnis:
  - vni: 42
    flood: [198.18.0.1]
    ports:
      - {name: web, type: tap, device: eth0, netns: web, addresses: ["fd19::2/64"]}
END
}

pings() { ip netns exec far ping -n -q -c 1 -W 1 fd19::2; }

try_tarball() {
  tar -xzf /trial/peregrine.tar.gz -C /opt
  local program=(/opt/peregrine-*/bin/peregrine) gateway
  "${program[@]}" --version
  [[ -z $(find /opt/peregrine-*/lib -name '*grpc*' -o -name '*protobuf*' -o -name '*gobgp*') ]] ||
    die 'the tarball has the module for GoBGP, or libraries of it'
  write_configuration /tmp/gateway.yaml
  printf 'control: {socket: /tmp/gateway.sock}\n' >>/tmp/gateway.yaml
  "${program[@]}" run --config /tmp/gateway.yaml >/tmp/gateway.log 2>&1 &
  gateway=$!
  await 20 'the ping through the gateway of the tarball' pings
  "${program[@]}" --socket /tmp/gateway.sock port list
  kill "$gateway"
  wait "$gateway" || die "the gateway of the tarball ended with $?: $(cat /tmp/gateway.log)"
  rm -rf /opt/peregrine-*
  say 'tarball: runs without a JDK, carries pings, ends with 0'
}

# Where a package may put something, without what dpkg and systemd keep for themselves.
files() { find /usr /etc /opt /var/lib -not -path '/var/lib/dpkg/*' -not -path '/var/lib/systemd/*' -not -path '/etc/*-' | sort; }

main_pid() { systemctl show --property MainPID --value peregrine; }

is_another() { [[ $(main_pid) != "$1" && $(main_pid) != 0 ]] && pings; }

try_deb() {
  files >/tmp/before
  dpkg --install /trial/peregrine.deb
  systemd-analyze verify /lib/systemd/system/peregrine.service
  man --where 1 peregrine >/dev/null || [[ -e /usr/share/man/man1/peregrine.1.gz ]]
  peregrine check --config /etc/peregrine/peregrine.yaml
  [[ $(systemctl is-active peregrine) == inactive ]] || die 'it started unasked'
  write_configuration /etc/peregrine/peregrine.yaml
  # The service may start before the network.
  ip link del near
  systemctl enable --quiet peregrine
  systemctl start --no-block peregrine
  await 10 'the message that it waits for the underlay' \
    sh -c 'systemctl show --property StatusText peregrine | grep -q waiting'
  make_underlay
  await 20 'the ping through the service' pings
  await 5 'the service being active' systemctl --quiet is-active peregrine
  systemctl show --property StatusText --value peregrine
  say "runs as $(ps -o user= -p "$(main_pid)")"
  peregrine status
  try_picture
  try_faults
  try_upgrade
  try_rights
  try_stop
  dpkg --purge peregrine
  files | comm -13 /tmp/before - >/tmp/left
  [[ ! -s /tmp/left ]] || die "purging left: $(cat /tmp/left)"
  ! getent passwd peregrine >/dev/null || die 'purging left the user'
  say 'deb: installs, runs as a service, upgrades, and leaves nothing when it is purged'
}

# What a control plane said last is kept, with the rights and the system calls of the unit.
try_picture() {
  mkdir -p /srv/claims.d
  add_plane
  systemctl reload peregrine
  await 20 'the last picture of the control plane' test -s /var/lib/peregrine/dir.json
  say 'control plane: its last picture is on the disk'
}

add_plane() { printf 'control: {planes: [{name: dir, type: file, path: /srv/claims.d}]}\n' >>/etc/peregrine/peregrine.yaml; }

try_upgrade() {
  local pid before
  pid=$(main_pid)
  printf '# mine\n' >>/etc/peregrine/peregrine.yaml
  before=$(cksum </etc/peregrine/peregrine.yaml)
  dpkg --install --force-confold /trial/peregrine.deb
  [[ $(cksum </etc/peregrine/peregrine.yaml) == "$before" ]] || die 'the upgrade changed the configuration'
  await 20 'the service coming back after the upgrade' is_another "$pid"
  say 'upgrade: the configuration is kept, pings pass'
}

try_stop() {
  local load begin=$SECONDS
  start_load
  systemctl stop peregrine
  ((SECONDS - begin < 15)) || die "stopping took $((SECONDS - begin)) s"
  stop_load
  [[ $(systemctl show --property Result --value peregrine) == success ]] || die 'it did not end well'
  [[ -z $(ip -n web -o link show type tun) ]] || die 'stopping left the TAP device'
  [[ ! -e /run/peregrine ]] || die 'stopping left /run/peregrine'
  [[ -z $(find /tmp -path '*peregrine.service*' -type f) ]] || die 'stopping left files'
  say 'stop under load: ends with 0, the device, the socket and its files are gone'
}

make_namespaces
make_underlay
try_tarball
try_oci
try_deb
touch /trial/passed
