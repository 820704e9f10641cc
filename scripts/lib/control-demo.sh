# shellcheck shell=bash
# The demo of a control plane: three hosts find each other, though no configuration names another one.
#
#    cA ─ hA ═ uA ─┐                                    etcd: three Peregrines, and etcd in the namespace of the switch
#    cB ─ hB ═ uB ─┤ sw[lan, MTU 1600] 198.18.0.254     evpn: two Peregrines with FRR, and on hC FRR with the kernel's
#    cC ─ hC ═ uC ─┘                                          bridge and VXLAN device
#
# Host N has 198.18.0.N, its container 198.19.0.N, fd19::N and 02:00:00:00:00:0N, where A is 1.

readonly CONTROL_NAMES=(A B C) CONTROL_REGISTRY=198.18.0.254 CONTROL_AS=65001 CONTROL_PINGS=100
readonly -A CONTROL_NUMBERS=([A]=1 [B]=2 [C]=3)
readonly CONTROL_FRR_FOLDERS=(/usr/lib/frr /usr/libexec/frr)

declare -A control_gateway control_kind control_joined control_row
control_late=''

control_known_plane() { # PLANE
  [[ ${1:-} == etcd || ${1:-} == evpn ]] || die -2 "No control plane '${1:-}' is demonstrated" 'There are etcd and evpn.'
}

# Looks for what the plane needs besides the demo's own packages; ends the demo where that is not to be had.
control_need() {
  if [[ $control == etcd ]]; then
    need_packages etcd:etcd-server
    return
  fi
  [[ $EUID == 0 && -z ${PEREGRINE_USERNS:-} ]] ||
    die "scripts/demo --control evpn has to run as root: FRR's daemons change to a user of their own." \
      'scripts/demo --control etcd does not.'
  need_packages vtysh:frr bridge:iproute2
  for frr in "${CONTROL_FRR_FOLDERS[@]}"; do [[ ! -x $frr/bgpd || ! -x $frr/zebra ]] || return 0; done
  die "vtysh is there, but neither ${CONTROL_FRR_FOLDERS[0]} nor ${CONTROL_FRR_FOLDERS[1]} has zebra and bgpd." \
    'On Debian or Ubuntu, as root: apt-get install --reinstall frr'
}

control_vtep() { printf '198.18.0.%d' "${CONTROL_NUMBERS[$1]}"; }
control_inner() { printf '198.19.0.%d' "${CONTROL_NUMBERS[$1]}"; }
control_inner6() { printf 'fd19::%d' "${CONTROL_NUMBERS[$1]}"; }
control_mac() { printf '02:00:00:00:00:%02d' "${CONTROL_NUMBERS[$1]}"; }

control_lab_up() {
  local name host
  ip netns add "$LAB-sw"
  lab_ip sw link set lo up
  lab_ip sw link add lan mtu $LAB_UNDERLAY_MTU type bridge
  lab_ip sw address add $CONTROL_REGISTRY/24 dev lan
  lab_ip sw link set lan up
  for name in "${CONTROL_NAMES[@]}"; do
    for host in h$name c$name; do
      ip netns add "$LAB-$host"
      lab_ip "$host" link set lo up
    done
    lab_ip "h$name" link add "u$name" mtu $LAB_UNDERLAY_MTU type veth peer name "u$name" netns "$LAB-sw"
    lab_ip "h$name" address add "$(control_vtep $name)/24" dev "u$name"
    lab_ip "h$name" link set "u$name" up
    lab_ip sw link set "u$name" mtu $LAB_UNDERLAY_MTU master lan up
  done
}

# ---- the plane ------------------------------------------------------------------------------------------------

control_plane_up() {
  if [[ $control == etcd ]]; then control_etcd_up; else control_frr_up; fi
}

control_etcd_up() {
  local url=http://$CONTROL_REGISTRY:2379
  start "$work/etcd.log" ip netns exec "$LAB-sw" etcd --name demo --data-dir "$work/etcd" \
    --listen-client-urls $url --advertise-client-urls $url \
    --listen-peer-urls http://127.0.0.1:2380 --initial-advertise-peer-urls http://127.0.0.1:2380 \
    --initial-cluster demo=http://127.0.0.1:2380
  control_await "$child" 'etcd listens' "$work/etcd.log" control_etcd_listens
}

control_etcd_listens() { [[ -n $(lab_in sw ss --no-header --listening --tcp --numeric 'sport = :2379') ]]; }

# Waits for a program to be there, or ends the demo with what it said.
control_await() { # PID WHAT LOG COMMAND…
  wait_until 20 control_is_up "$1" "${@:4}" && alive "$1" && return
  step_abort
  tail -n 20 "$3" >&2
  die "Not within 20 s: $2. Above: what was said."
}

control_is_up() { ! alive "$1" || "${@:2}"; }

# zebra and bgpd on each host, each session with both others, all from `peregrine control frr`.
control_frr_up() {
  local name other peers folder
  chmod 711 "$work" # FRR's user goes through
  for name in "${CONTROL_NAMES[@]}"; do
    folder=$work/frr-$name peers=()
    for other in "${CONTROL_NAMES[@]}"; do
      [[ $other == "$name" ]] || peers+=(--peer "$(control_vtep $other)")
    done
    mkdir "$folder"
    printf 'hostname h%s\n' "$name" >"$folder/zebra.conf"
    "$root/scripts/peregrine" control frr --local "$(control_vtep $name)" --as $CONTROL_AS "${peers[@]}" \
      --keepalive 1 --hold 3 >"$folder/bgpd.conf"
    chown -R frr:frr "$folder"
    for daemon in zebra bgpd; do control_frr_start "$name" "$daemon" "$folder"; done
  done
}

control_frr_start() { # NAME DAEMON FOLDER
  local options=(-P 0 -u frr -g frr)
  [[ $2 != zebra ]] || options+=(-s 90000000) # as Debian has it: zebra does not make up for news that it lost
  start "$3/$2.log" ip netns exec "$LAB-h$1" "$frr/$2" -f "$3/$2.conf" -i "$3/$2.pid" -z "$3/zserv.api" \
    --vty_socket "$3" "${options[@]}"
  control_await "$child" "$2 on host $1 listens" "$3/$2.log" test -S "$3/$2.vty"
}

# ---- gateways -------------------------------------------------------------------------------------------------

control_config() { # NAME
  local plane
  if [[ $control == etcd ]]; then
    plane="{name: reg, type: etcd, endpoints: [\"http://$CONTROL_REGISTRY:2379\"], insecure: true}"
  else
    plane="{name: bgp, type: evpn, vtyFolder: \"$work/frr-$1\"}"
  fi
  cat <<END
underlay: {local: $(control_vtep $1), device: u$1}
control:
  socket: "$work/$1.sock"
  cache: off
  planes:
    - $plane
vnis:
  - vni: $LAB_VNI
    control: [$([[ $control == etcd ]] && printf reg || printf bgp)]
    mtu: $((LAB_UNDERLAY_MTU - 50))
    suppressNeighbours: true
    ports:
      - {name: web, type: tap, device: eth0, netns: $LAB-c$1, mac: "$(control_mac $1)",
         addresses: [$(control_inner $1)/24, $(control_inner6 $1)/64]}
END
}

control_start() { # NAME
  control_config "$1" >"$work/$1.yaml"
  control_kind[$1]=Peregrine
  start "$work/$1.log" ip netns exec "$LAB-h$1" "$root/scripts/peregrine" run --config "$work/$1.yaml"
  control_gateway[$1]=$child
}

# hC under evpn: what any host with FRR and the kernel has.
control_kernel_vtep() {
  local mtu=$((LAB_UNDERLAY_MTU - 50))
  control_kind[C]='FRR and kernel'
  lab_ip hC link add br0 mtu $mtu type bridge
  lab_ip hC link add vxlan$LAB_VNI mtu $mtu type vxlan id $LAB_VNI local "$(control_vtep C)" dstport 4789 nolearning
  lab_ip hC link add port0 mtu $mtu type veth peer name eth0 mtu $mtu address "$(control_mac C)" netns "$LAB-cC"
  lab_ip hC link set vxlan$LAB_VNI master br0 up
  lab_ip hC link set port0 master br0 up
  lab_in hC bridge link set dev vxlan$LAB_VNI learning off neigh_suppress on
  lab_ip hC link set br0 up
  lab_ip cC address add "$(control_inner C)/24" dev eth0
  lab_in cC sh -c 'echo 0 >/proc/sys/net/ipv6/conf/eth0/disable_ipv6'
  lab_ip cC address add "$(control_inner6 C)/64" dev eth0 nodad
  lab_ip cC link set eth0 up
}

control_demo() {
  LAB=peregrine$$
  if why_no_lab; then die "The demo of a control plane cannot be shown: $REPLY."; fi
  local name code
  step_begin 'making three hosts, with a container each'
  sweep_dead_labs
  control_lab_up
  step_end
  step_begin "starting $([[ $control == etcd ]] && printf etcd || printf 'FRR on each')"
  control_plane_up
  step_end
  step_begin 'starting A and C'
  control_start A
  if [[ $control == etcd ]]; then control_start C; else control_kernel_vtep; fi
  for name in "${!control_gateway[@]}"; do await_gateway "${control_gateway[$name]}" "$work/$name.log"; done
  step_end
  control_join
  control_measure
  step_begin 'asking each what it learned'
  for name in "${CONTROL_NAMES[@]}"; do control_learned "$name" >"$work/learned-$name"; done
  step_end
  control_table
  [[ -z $keep ]] || control_keep
  for name in "${!control_gateway[@]}"; do
    code=0
    stop "${control_gateway[$name]}" 10 || code=$?
    ((code == 0)) || failures+=("Peregrine on host $name ended with exit code $code: $(tail -n 1 "$work/$name.log")")
  done
  control_gone
}

# ---- what is shown --------------------------------------------------------------------------------------------

# B joins, while the containers of A and C ask for its own all the time: the first answer shows that both know it.
control_join() {
  local name ready end pingers=()
  step_begin 'starting B, which is reached from A and C after'
  for name in A C; do
    # Otherwise the kernel there asks once a second, and that is what would be measured.
    lab_in c$name sh -c 'for v in 4 6; do echo 20 >/proc/sys/net/ipv$v/neigh/eth0/retrans_time_ms; done'
    start "$work/join-$name.log" ip netns exec "$LAB-c$name" ping -n -D -i 0.02 "$(control_inner6 B)"
    pingers+=("$child")
  done
  control_start B
  end=$((SECONDS + 20)) # then await_gateway says why
  until grep -q '^ready' "$work/B.log" || ! alive "${control_gateway[B]}" || ((SECONDS >= end)); do pause 0.01; done
  now_micros
  ready=$REPLY
  await_gateway "${control_gateway[B]}" "$work/B.log"
  wait_until 20 control_answered || true
  for name in "${pingers[@]}"; do stop "$name" || true; done
  for name in A C; do
    control_joined[$name]=$(awk -v ready="$ready" '/bytes from/ {
        gsub(/[][]/, "", $1); after = $1 - ready / 1000000; if (after < 0) after = 0; printf "%.2f s", after; exit }' "$work/join-$name.log")
    [[ -n ${control_joined[$name]} ]] || failures+=("From $name, B could not be reached within 20 s")
    [[ -n ${control_joined[$name]} ]] || control_joined[$name]=never
  done
  step_end "${control_joined[A]}, ${control_joined[C]}"
}

control_answered() { grep -q 'bytes from' "$work/join-A.log" && grep -q 'bytes from' "$work/join-C.log"; }

# Between every two containers, both ways.
control_measure() {
  local from to log=$work/ping.log lost
  step_begin "sending $CONTROL_PINGS pings from each container to each"
  for from in "${CONTROL_NAMES[@]}"; do
    for to in "${CONTROL_NAMES[@]}"; do
      [[ $from != "$to" ]] || continue
      run_logged "$log" ip netns exec "$LAB-c$from" ping -n -q -c $CONTROL_PINGS -i 0.002 -W 1 "$(control_inner6 $to)" || true # warms up
      count_pings "$log" "c$from" "$(control_inner6 $to)" "$CONTROL_PINGS" || REPLY='all -'
      lost=${REPLY% *}
      control_row[$from $to]="$lost lost, ${REPLY#* } ms"
      [[ $lost == 0 ]] || failures+=("Pings from $from to $to: $lost of $CONTROL_PINGS lost")
    done
  done
  step_end
}

# "MAC VTEP ORIGIN ADDRESS…" for each station that a control plane told a host of.
control_learned() { # NAME
  if [[ ${control_kind[$1]} != Peregrine ]]; then
    lab_in "h$1" bridge fdb show dev vxlan$LAB_VNI | awk '/dst/ && /extern_learn/ && !/^00:00/ { print $1, $3, "bgp" }' | sort -u
    return
  fi
  "$root/scripts/peregrine" --socket "$work/$1.sock" --json neighbour list | control_fields mac origin address >"$work/neighbours"
  "$root/scripts/peregrine" --socket "$work/$1.sock" --json fdb list | control_fields mac vtep origin |
    while read -r mac vtep origin; do
      [[ $vtep != - ]] || continue
      printf '%s %s %s%s\n' "$mac" "$vtep" "$origin" "$(awk -v mac="$mac" -v origin="$origin" '$1 == mac && $2 == origin { printf " %s", $3 }' "$work/neighbours")"
    done
}

# Of a JSON list of flat objects, some fields of each, one object a line; "-" for one that is null or missing.
control_fields() { # FIELD…
  awk -v names="$*" 'BEGIN { RS = "}"; count = split(names, name, " ") }
    /"/ {
      line = ""
      for (i = 1; i <= count; i++) {
        value = "-"
        if (match($0, "\"" name[i] "\" *: *\"[^\"]*\"")) {
          value = substr($0, RSTART, RLENGTH); sub(/^"[^"]*" *: *"/, "", value); sub(/"$/, "", value)
        }
        line = line (i > 1 ? " " : "") value
      }
      print line
    }'
}

control_table() {
  local from to mac vtep origin addresses count=0
  printf '\n%-18s%-7s%-20s%-14s%-10s%-24s%s\n' 'learned by' 'whose' 'MAC' 'behind VTEP' 'from' 'addresses' 'pings there'
  for from in "${CONTROL_NAMES[@]}"; do
    for to in "${CONTROL_NAMES[@]}"; do
      [[ $from != "$to" ]] || continue
      mac='' vtep='' origin='' addresses=''
      read -r mac vtep origin addresses < <(grep "^$(control_mac $to) " "$work/learned-$from") || true
      printf '%-18s%-7s%-20s%-14s%-10s%-24s%s\n' "$from ${control_kind[$from]}" "$to" "${mac:-nothing}" "$vtep" "$origin" \
        "${addresses:--}" "${control_row[$from $to]}"
      if [[ $vtep == "$(control_vtep $to)" ]]; then
        count=$((count + 1))
      else
        failures+=("$from does not know from a control plane that $(control_mac $to) is behind $(control_vtep $to)")
      fi
    done
  done
  cat <<END

No configuration has a flood list, an FDB entry or a neighbour. $(control_about)
B joined last. Once it was ready, its container answered that of A after ${control_joined[A]}, and that of C after ${control_joined[C]}.
pings: $CONTROL_PINGS over IPv6, one every 2 ms, and their average round trip. Everything shares $(nproc) CPUs ($(uname -sr)).

END
  ((${#failures[@]} > 0)) ||
    printf 'Shown: three hosts learned %d of 6 stations from %s alone, and all pings between them passed.\n' "$count" \
      "$([[ $control == etcd ]] && printf etcd || printf 'BGP EVPN')"
}

control_about() {
  if [[ $control == etcd ]]; then
    printf 'Each has its registry: one etcd at %s:2379.' $CONTROL_REGISTRY
  else
    printf 'Each has FRR with a BGP session to both others;\non host C the kernel'"'"'s bridge and VXLAN device forward. FRR there knows addresses of containers only by its kernel.'
  fi
}

# After an orderly end nothing of a gateway is left with the plane.
control_gone() {
  local left
  if [[ $control == etcd ]]; then
    type -P curl >/dev/null || return 0
    left=$(lab_in sw curl -s "http://$CONTROL_REGISTRY:2379/v3/kv/range" -d '{"key":"AA==","range_end":"AA==","count_only":true}' |
      control_fields count | tail -n 1)
    [[ $left == - ]] || failures+=("$left keys are left in etcd")
  else
    left=$(lab_in hA ip -o link show | grep -c ': pg' || true)
    [[ $left == 0 ]] || failures+=("$left shadow devices are left on host A")
  fi
}

control_keep() {
  local enter='' name
  [[ -z ${PEREGRINE_USERNS:-} ]] || enter="nsenter --preserve-credentials -U -m -n -t $$ "
  cat >&2 <<END

All of it goes on to run. In another terminal:
  ${enter}ip netns exec $LAB-cA ping $(control_inner6 C)
  scripts/peregrine --socket $work/A.sock control list
  scripts/peregrine --socket $work/A.sock control claims
  scripts/peregrine --socket $work/A.sock fdb list
END
  if [[ $control == etcd ]]; then
    say "  ${enter}ip netns exec $LAB-sw etcdctl --endpoints http://$CONTROL_REGISTRY:2379 get --prefix /peregrine/"
  else
    say "  vtysh --vty_socket $work/frr-C -c 'show evpn mac vni all'"
  fi
  say "Configurations and logs: $work" 'Ctrl-C ends it and cleans up.'
  wait -n "${control_gateway[@]}" || true
  die 'A Peregrine ended by itself.'
}
