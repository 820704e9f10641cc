# shellcheck shell=bash
# The trial of the service when things fail: docs/installing.md, "When things fail", has what is expected.

try_faults() {
  try_kill_under_load
  try_out_of_memory
  try_full_disk
  try_wrong_configuration
}

start_load() {
  ip netns exec far ping -n -q -f -w 60 -s 1000 fd19::2 >/dev/null 2>&1 &
  load=$!
  await 10 'the load' is_loaded
}

is_loaded() { (($(ip netns exec web cat /sys/class/net/eth0/statistics/rx_packets) > 1000)); }

stop_load() {
  kill "$load" 2>/dev/null || true
  wait "$load" 2>/dev/null || true
}

# One device, one socket, and no more than that.
check_remains() {
  await 10 'the service being active' systemctl --quiet is-active peregrine
  [[ $(ip -n web -o link show type tun | wc -l) == 1 ]] || die "devices: $(ip -n web -o link show type tun)"
  [[ -z $(ip -o link show type tun) ]] || die 'a TAP device is in the wrong namespace'
  [[ $(ls -A /run/peregrine) == control.sock ]] || die "in /run/peregrine: $(ls -A /run/peregrine)"
  [[ $(pgrep -c -u peregrine) == 1 ]] || die "processes: $(pgrep -a -u peregrine)"
}

try_kill_under_load() {
  local pid load
  pid=$(main_pid)
  start_load
  kill -KILL "$pid"
  await 20 'the service coming back after SIGKILL under load' is_another "$pid"
  stop_load
  check_remains
  say 'SIGKILL under load: back, and pings pass'
}

# By the kernel, which ends a process of a control group that takes more memory than the group may have.
try_out_of_memory() {
  local pid group='' load
  pid=$(main_pid)
  start_load
  if grep -qs memory /sys/fs/cgroup/cgroup.controllers; then
    systemctl set-property --runtime peregrine.service MemoryMax=32M
    await 20 'the end for want of memory' sh -c "! kill -0 $pid"
    systemctl set-property --runtime peregrine.service MemoryMax=infinity
  else
    group=/run/memory/peregrine-trial-$$
    mkdir -p /run/memory
    mount -t cgroup -o memory cgroup /run/memory
    mkdir "$group"
    echo 512K >"$group/memory.limit_in_bytes"
    echo "$pid" >"$group/cgroup.procs"
    await 30 'the end for want of memory' runs_out_of_memory "$pid"
  fi
  await 20 'the service coming back after it ran out of memory' is_another "$pid"
  stop_load
  [[ -z $group ]] || { rmdir "$group" && umount /run/memory; }
  check_remains
  say 'out of memory: back, and pings pass'
}

# A command makes the gateway take new memory.
runs_out_of_memory() {
  peregrine metrics >/dev/null 2>&1 || peregrine status >/dev/null 2>&1 || true
  ! kill -0 "$1"
}

try_full_disk() {
  local pid code=0
  mkdir -p /run/full /run/taken /run/systemd/system/peregrine.service.d
  mount -t tmpfs -o size=64k,mode=777 tmpfs /run/full
  mount -t tmpfs -o nr_inodes=1,mode=777 tmpfs /run/taken
  dd if=/dev/zero of=/run/full/all bs=4k status=none 2>/dev/null || true
  # A log that cannot be written loses lines, and nothing else.
  printf '[Service]\nStandardOutput=append:/run/full/log\nStandardError=append:/run/full/log\n' \
    >/run/systemd/system/peregrine.service.d/full.conf
  systemctl daemon-reload
  systemctl restart peregrine
  await 20 'the ping with a full disk' pings
  peregrine status >/dev/null || die 'no answer with a full disk'
  pid=$(main_pid)
  ip netns exec far ping -n -q -i 0.05 -w 10 fd19::2 >/dev/null &
  peregrine capture --write /run/full/packets --count 20 --seconds 5 >/tmp/capture 2>&1 || code=$?
  kill $! 2>/dev/null || true
  say "capture on a full disk, exit $code: $(tail -n 1 /tmp/capture)"
  ((code == 1)) || die 'the capture did not say that the disk is full'
  [[ $(main_pid) == "$pid" ]] || die 'the gateway did not survive the full disk'
  rm /run/systemd/system/peregrine.service.d/full.conf
  systemctl daemon-reload
  systemctl restart peregrine
  # A control socket that cannot be made.
  printf 'underlay: {local: 198.18.0.2, port: 4790}\ncontrol: {socket: /run/taken/control.sock, http: off}\n' \
    >/tmp/full.yaml
  refuses 1 '/run/taken/control.sock.*(ENOSPC|[Nn]o space)' peregrine run --config /tmp/full.yaml
  umount /run/full /run/taken
  await 20 'the ping after the full disk' pings
  say 'full disk: the gateway goes on; a capture and a start that cannot write end with 1'
}

# refuses CODE WHAT COMMAND…: ends with that code, and says that.
refuses() {
  local expected=$1 what=$2 code=0
  shift 2
  timeout 20 "$@" >/tmp/refused 2>&1 || code=$?
  cat /tmp/refused
  ((code == expected)) && grep -qE "$what" /tmp/refused || die "exit $code of $*; expected $expected and $what"
}

# It is tried again each second, so that a file that is mended is enough.
try_wrong_configuration() {
  cp -p /etc/peregrine/peregrine.yaml /tmp/kept.yaml
  printf 'nonsense: 1\n' >>/etc/peregrine/peregrine.yaml
  systemctl restart peregrine || true
  [[ $(systemctl show --property ExecMainStatus --value peregrine) == 2 ]] || die 'it did not end with 2'
  grep -q 'peregrine.yaml:.*nonsense.*unknown key' <(journalctl --no-pager --unit peregrine --output cat) ||
    die 'the journal does not say why'
  cp -p /tmp/kept.yaml /etc/peregrine/peregrine.yaml
  await 20 'the ping with the right configuration' pings
  say 'wrong configuration: the journal has the line, and a mended file is enough'
}
