# shellcheck shell=bash
# The lab: two hosts in network namespaces, joined by a veth pair that stands for the underlay.
#
#    cA ─veth─ hA[br0 + vxlan 42] ═ uA ──veth, MTU 1600── uB ═ hB[gateway under test] ─ cB
#    198.19.0.1                    198.18.0.1          198.18.0.2                   198.19.0.2
#    02:00:00:00:00:01                                                       02:00:00:00:00:02
#
# hA runs the kernel's bridge and VXLAN device. hB runs what is looked at: nothing yet, the kernel's too, or
# Peregrine with a TAP device in cB. Namespaces are called $LAB-hA and so on, so that labs coexist.
#
# The caller sets LAB (the name), and may set LAB_FAMILY (4 or 6, of the underlay) and LAB_MODE:
#   wire       as between network cards: frames of at most one MTU with filled checksums cross the underlay, senders
#              have a queue before it, and receive work has a thread of its own
#   moderated  wire, and the receiver is told of frames after some microseconds, as by a card that moderates interrupts
#   unfilled   frames of at most one MTU as veth hands them on: the checksums inside the tunnel are unfilled, and what
#              does not fit the ring of the other end is dropped
#   offload    plain veth: superframes of up to 64 KiB cross uncut

readonly LAB_HOSTS=(hA hB cA cB)
readonly LAB_VNI=42 LAB_UNDERLAY_MTU=1600
readonly LAB_MAC_A=02:00:00:00:00:01 LAB_MAC_B=02:00:00:00:00:02
readonly LAB_INNER_A=198.19.0.1 LAB_INNER_B=198.19.0.2
readonly LAB_MODES=(wire moderated unfilled offload)
# As network cards come: a queue of 1,000 frames in the sender, and in moderated mode at most 20,000 interrupts/s.
readonly LAB_QUEUE_FRAMES=1000 LAB_MODERATION_NS=50000
LAB_FAMILY=${LAB_FAMILY:-4}
LAB_MODE=${LAB_MODE:-wire}

# What follows from the family: the VTEPs' addresses and the overlay's MTU.
# The overhead is inner Ethernet 14 + VXLAN 8 + UDP 8 + outer IPv4 20 or IPv6 40.
lab_addresses() {
  if [[ $LAB_FAMILY == 6 ]]; then
    LAB_VTEP_A=fd18::1 LAB_VTEP_B=fd18::2 LAB_PREFIX=64
    LAB_OVERLAY_MTU=$((LAB_UNDERLAY_MTU - 70))
  else
    LAB_VTEP_A=198.18.0.1 LAB_VTEP_B=198.18.0.2 LAB_PREFIX=24
    LAB_OVERLAY_MTU=$((LAB_UNDERLAY_MTU - 50))
  fi
}

lab_in() { # HOST COMMAND…
  local host=$1
  shift
  ip netns exec "$LAB-$host" "$@"
}

lab_ip() { # HOST ARGUMENT…
  local host=$1
  shift
  ip -n "$LAB-$host" "$@"
}

# The namespaces of this lab that exist, one a line.
lab_namespaces() {
  local name rest
  ip netns list | while read -r name rest; do
    [[ $name != "$LAB"-?? ]] || printf '%s\n' "$name"
  done
}

lab_up() {
  local host
  lab_down
  lab_addresses
  for host in "${LAB_HOSTS[@]}"; do
    ip netns add "$LAB-$host"
    lab_ip "$host" link set lo up
  done
  lab_ip hA link add uA mtu $LAB_UNDERLAY_MTU type veth peer name uB mtu $LAB_UNDERLAY_MTU netns "$LAB-hB"
  lab_underlay_end hA uA "$LAB_VTEP_A"
  lab_underlay_end hB uB "$LAB_VTEP_B"
  lab_mode "$LAB_MODE"
}

lab_underlay_end() { # HOST DEVICE ADDRESS
  if [[ $LAB_FAMILY == 6 ]]; then
    lab_ip "$1" address add "$3/$LAB_PREFIX" dev "$2" nodad
  else
    lab_ip "$1" address add "$3/$LAB_PREFIX" dev "$2"
  fi
  lab_ip "$1" link set "$2" up
}

# Deleting a namespace takes its devices with it. A process still in there keeps it alive, nameless.
lab_down() {
  local name
  for name in $(lab_namespaces); do ip netns delete "$name"; done
}

# Ends the script where there is no such mode.
lab_known_mode() { # MODE → LAB_MODE
  [[ " ${LAB_MODES[*]} " == *" $1 "* && $1 == ?* ]] || die -2 "No mode '$1'" "There are ${LAB_MODES[*]}."
  LAB_MODE=$1
}

# How frames cross the underlay from now on.
lab_mode() { # MODE
  local mode=$1
  # Without GRO a veth has no NAPI to thread, so threads end before GRO does and begin after it.
  lab_in hB sh -c 'echo 0 >/sys/class/net/uB/threaded' 2>/dev/null || true
  lab_underlay_mode hA uA "$mode"
  lab_underlay_mode hB uB "$mode"
  [[ $mode == offload ]] || lab_in hB sh -c 'echo 1 >/sys/class/net/uB/threaded'
}

lab_underlay_mode() { # HOST DEVICE MODE
  local host=$1 device=$2 mode=$3 moderation=0
  if [[ $mode == offload ]]; then
    lab_in "$host" ethtool -K "$device" tx on gso on tso on tx-udp-segmentation on gro off >/dev/null
  else
    lab_in "$host" ethtool -K "$device" gso off tso off tx-udp-segmentation off gro on
  fi
  case $mode in
    wire | moderated)
      # A veth hands unfilled checksums to the other end, where GRO then merges nothing inside a tunnel.
      lab_in "$host" ethtool -K "$device" tx off
      # A veth without a queue drops what does not fit the ring of the other end; a card stops its queue.
      lab_in "$host" tc qdisc replace dev "$device" root pfifo limit $LAB_QUEUE_FRAMES
      ;;
    unfilled)
      lab_in "$host" ethtool -K "$device" tx on >/dev/null
      ;;&
    unfilled | offload)
      lab_in "$host" tc qdisc delete dev "$device" root 2>/dev/null || true # there is none
      ;;
  esac
  [[ $mode != moderated ]] || moderation=$LAB_MODERATION_NS
  lab_in "$host" sh -c "echo $moderation >/sys/class/net/$device/gro_flush_timeout
    echo $((moderation ? 1 : 0)) >/sys/class/net/$device/napi_defer_hard_irqs"
}

# The kernel's VTEP on one host, and its container.
lab_kernel_vtep_A() { lab_kernel_vtep hA uA "$LAB_VTEP_A" "$LAB_VTEP_B" cA "$LAB_MAC_A" "$LAB_INNER_A"; }
lab_kernel_vtep_B() { lab_kernel_vtep hB uB "$LAB_VTEP_B" "$LAB_VTEP_A" cB "$LAB_MAC_B" "$LAB_INNER_B"; }

lab_kernel_vtep() { # HOST UNDERLAY LOCAL REMOTE CONTAINER MAC ADDRESS
  local host=$1 underlay=$2 local_vtep=$3 remote_vtep=$4 container=$5 mac=$6 address=$7
  lab_ip "$host" link add br0 mtu "$LAB_OVERLAY_MTU" type bridge
  lab_ip "$host" link add vxlan$LAB_VNI mtu "$LAB_OVERLAY_MTU" type vxlan id $LAB_VNI dev "$underlay" \
    local "$local_vtep" remote "$remote_vtep" dstport 4789
  lab_ip "$host" link add port0 mtu "$LAB_OVERLAY_MTU" type veth \
    peer name eth0 mtu "$LAB_OVERLAY_MTU" address "$mac" netns "$LAB-$container"
  lab_ip "$host" link set vxlan$LAB_VNI master br0 up
  lab_ip "$host" link set port0 master br0 up
  lab_ip "$host" link set br0 up
  lab_ip "$container" address add "$address/24" dev eth0
  lab_ip "$container" link set eth0 up
}

# Makes room on hB for another VTEP.
lab_kernel_vtep_B_down() {
  local device
  for device in port0 vxlan$LAB_VNI br0; do lab_ip hB link delete "$device" 2>/dev/null || true; done
}

# The configuration of a Peregrine on hB.
lab_gateway_config() { # CONTROL_SOCKET
  cat <<EOF
underlay:
  local: "$LAB_VTEP_B"
  device: uB
vnis:
  - vni: $LAB_VNI
    flood: ["$LAB_VTEP_A"]
    ports:
      - {name: web, type: tap, device: eth0, netns: $LAB-cB, mac: "$LAB_MAC_B", addresses: [$LAB_INNER_B/24]}
control: {socket: "$1"}
EOF
}
