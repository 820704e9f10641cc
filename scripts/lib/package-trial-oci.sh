# shellcheck shell=bash
# The trial of the image: its layout, and the container that it makes under a container runtime, as a pod would have it:
# read-only, an ordinary user, no capability but those named, the runtimes' list of system calls.

readonly BUNDLE=/run/bundle
readonly SECCOMP=/usr/share/containers/seccomp.json

try_oci() {
  local runtime=()
  # Without a control group: the rules for devices of one take more rights than a trial needs.
  if type -P crun >/dev/null; then runtime=(crun --cgroup-manager=disabled); fi
  if ((${#runtime[@]} == 0)) && type -P runc >/dev/null; then runtime=(runc); fi
  if ((${#runtime[@]} == 0)) || ! type -P jq >/dev/null; then
    say 'SKIPPED: the image is not run, since there is no crun or runc, or no jq.'
    return
  fi
  unpack_image
  try_container_of_user
  try_container_of_root
  try_container_without_rights
  rm -rf "$BUNDLE"
  say "image: runs under ${runtime[0]} read-only, without root and with CAP_NET_ADMIN alone, carries pings, ends with 0"
}

# As a runtime does: each blob is what its name says, and the layer keeps its extended attributes.
unpack_image() {
  local blob manifest layer
  mkdir -p "$BUNDLE/layout" "$BUNDLE/rootfs"
  tar -xf /trial/peregrine.oci.tar -C "$BUNDLE/layout"
  cd "$BUNDLE/layout/blobs/sha256"
  for blob in *; do [[ $(sha256sum <"$blob") == "$blob "* ]] || die "blob $blob is not what its name says"; done
  manifest=$(jq -r '.manifests[0].digest' ../../index.json)
  image=$BUNDLE/layout/blobs/sha256/$(jq -r '.config.digest | ltrimstr("sha256:")' "${manifest#sha256:}")
  layer=$(jq -r '.layers[0].digest | ltrimstr("sha256:")' "${manifest#sha256:}")
  [[ $(gzip -dc "$layer" | sha256sum) == "$(jq -r '.rootfs.diff_ids[0] | ltrimstr("sha256:")' "$image") "* ]] ||
    die 'the layer is not what the image says'
  tar -xzf "$layer" --xattrs --xattrs-include='security.*' --numeric-owner --same-permissions -C "$BUNDLE/rootfs"
  cd /
  if type -P skopeo >/dev/null; then
    skopeo --insecure-policy copy --quiet oci-archive:/trial/peregrine.oci.tar "dir:$BUNDLE/copy"
  else
    say 'SKIPPED: no skopeo reads the image.'
  fi
  du -sh "$BUNDLE/rootfs" | sed 's/\t.*/ unpacked/'
}

# write_bundle CAPABILITIES USER NO_NEW_PRIVILEGES: as `crun spec` has it, with what the image and a pod say.
write_bundle() {
  local profile='{}'
  [[ -e $SECCOMP ]] && profile=$(<"$SECCOMP")
  (cd "$BUNDLE" && rm -f config.json && "${runtime[@]}" spec)
  jq --slurpfile image "$image" --argjson capabilities "$1" --argjson user "$2" --argjson locked "$3" \
    --argjson profile "$profile" --arg machine "$(uname -m)" '
    def architecture: {x86_64: "amd64", aarch64: "arm64"}[$machine];
    # Of the rules, those that hold for these capabilities and this kind of processor.
    def seccomp: {defaultAction: $profile.defaultAction, defaultErrnoRet: $profile.defaultErrnoRet,
      architectures: ["SCMP_ARCH_" + ($machine | ascii_upcase)],
      syscalls: [$profile.syscalls[]
        | select((.includes.caps // []) - $capabilities == [])
        | select([(.excludes.caps // [])[] | select([.] - $capabilities == [])] == [])
        | select(.includes.arches == null or any(.includes.arches[]; . == architecture))
        | select(.excludes.arches == null or all(.excludes.arches[]; . != architecture))
        | {names, action} + (if .args then {args} else {} end) + (if .errnoRet then {errnoRet} else {} end)]};
    .process.args = $image[0].config.Entrypoint + $image[0].config.Cmd
    | .process.env = $image[0].config.Env | .process.terminal = false | .process.noNewPrivileges = $locked
    | .process.user = {uid: $user, gid: $user}
    | .process.capabilities = {bounding: $capabilities, permitted: $capabilities, effective: $capabilities}
    | del(.process.rlimits)
    | .root = {path: "rootfs", readonly: true}
    | .linux.namespaces |= map(select(.type != "network" and .type != "user"))
    | .mounts |= map(select(.type != "mqueue" and .type != "cgroup")) + [
        {destination: "/etc/peregrine", type: "none", source: "/run/configuration", options: ["bind", "ro"]},
        {destination: "/run/peregrine", type: "tmpfs", source: "tmpfs", options: ["mode=1777", "size=1m"]},
        {destination: "/dev/net/tun", type: "none", source: "/dev/net/tun", options: ["bind"]}]
    | if $profile == {} then . else .linux.seccomp = seccomp end' "$BUNDLE/config.json" >"$BUNDLE/config.next"
  mv "$BUNDLE/config.next" "$BUNDLE/config.json"
}

# start_container CAPABILITIES USER NO_NEW_PRIVILEGES → container: the id of the runtime's process
start_container() {
  write_bundle "$@"
  rm -f /run/container.log # its owner is now the user of the last one
  "${runtime[@]}" run --bundle "$BUNDLE" peregrine >/run/container.log 2>&1 &
  container=$!
}

in_container() { "${runtime[@]}" exec --user "$1:$1" peregrine "${@:2}"; }

# The status of the container's first process.
container_status() { # FIELD
  local pid
  pid=$("${runtime[@]}" state peregrine | jq .pid)
  awk -v field="$1:" '$1 == field { print $2 }' "/proc/$pid/status"
}

stop_container() {
  local code=0
  "${runtime[@]}" kill peregrine TERM
  wait "$container" || code=$?
  ((code == 0)) || die "the container ended with $code: $(cat /run/container.log)"
  [[ -z $(ip -o link show type tun) ]] || die 'the container left its TAP device'
}

is_healthy() {
  exec 3<>/dev/tcp/127.0.0.1/9464 && printf 'GET %s HTTP/1.0\r\n\r\n' "$1" >&3 && grep -q ' 200 ' <&3
}

write_pod_configuration() {
  mkdir -p /run/configuration
  cat >/run/configuration/peregrine.yaml <<'END'
underlay: {local: 198.18.0.2, device: near}
vnis:
  - vni: 42
    flood: [198.18.0.1]
    ports:
      - {name: web, type: tap, device: overlay0, addresses: ["fd19::2/64"]}
END
}

try_container_of_user() {
  local container
  write_pod_configuration
  start_container '["CAP_NET_ADMIN"]' 65532 false
  await 20 'the ping through the container' pings
  await 5 'readiness' is_healthy /readyz
  await 5 'health' is_healthy /healthz
  in_container 65532 peregrine status
  [[ $(container_status Uid) == 65532 ]] || die 'the container runs as root'
  [[ $(container_status CapEff) == 0000000000001000 ]] || die "the container has $(container_status CapEff)"
  if [[ -e $SECCOMP ]]; then
    [[ $(container_status Seccomp) == 2 ]] || die 'the container has no list of system calls'
  else
    say "SKIPPED: there is no $SECCOMP, so the container has every system call."
  fi
  stop_container
}

try_container_of_root() {
  local container
  start_container '["CAP_NET_ADMIN"]' 0 true
  await 20 'the ping through the container of root' pings
  [[ $(container_status NoNewPrivs) == 1 ]] || die 'no_new_privs is not set'
  stop_container
}

# It says why it has none, and what to do.
try_container_without_rights() {
  local container
  start_container '["CAP_NET_ADMIN"]' 65532 true
  await 20 'the reason why the port is not there' sh -c \
    "grep -q 'does without the container.s capabilities +net_admin.*allowPrivilegeEscalation' /run/container.log &&
      grep -q 'CAP_NET_ADMIN' /run/container.log"
  await 10 'an answer' in_container 65532 peregrine status
  in_container 65532 peregrine port list | grep -q failed || die 'the port did not fail'
  stop_container
}
