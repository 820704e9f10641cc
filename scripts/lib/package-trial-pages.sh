# shellcheck shell=bash
# Has a fresh Debian do what docs/installing.md says under "From download to a ping", by the page's own commands, with the
# tarball and with the Debian package. Beside package-trial.sh, whose machine of namespaces it boots.

# From the archive to the ping.
readonly PAGES_SECONDS=120

package_trial_pages() { # DEB TARBALL
  local directory=$work/pages debian=$work/debian kind
  [[ $EUID == 0 ]] || {
    warn 'The commands of the pages are not tried: that needs root.'
    return
  }
  want_packages debootstrap:debootstrap || {
    warn 'The commands of the pages are not tried: debootstrap is missing.'
    return
  }
  step_begin 'making a fresh Debian'
  run_logged "$work/debootstrap.log" debootstrap "$(. /etc/os-release && printf '%s' "${VERSION_CODENAME:-stable}")" "$debian" || {
    step_abort
    warn "The commands of the pages are not tried: $(tail -n 1 "$work/debootstrap.log")"
    return
  }
  step_end
  for kind in tarball deb; do
    step_begin "doing what docs/installing.md says, with the $kind"
    rm -rf "$directory"
    mkdir -p "$directory"
    cp -- "$1" "$2" "$directory"
    { pages_prologue "$kind" && page_commands "$kind" "$root/docs/installing.md" && pages_epilogue; } >"$directory/inside"
    if ! run_logged "$work/trial.log" timeout --kill-after=5 $PAGES_SECONDS \
      unshare --mount --pid --fork --kill-child --net --uts --ipc --cgroup \
      bash -c "$(declare -f fresh_root trial_boot); fresh_root \"\$1\" \"\$2\"; trial_boot \"\$2\"" bash "$debian" "$directory" ||
      [[ ! -e $directory/passed ]]; then
      step_abort
      tail -n 40 "$directory/log" "$work/trial.log" >&2 || true
      die "The commands of docs/installing.md failed with the $kind, or took more than $PAGES_SECONDS s. Above: what they said."
    fi
    step_end "from the archive to the ping in $(<"$directory/passed") s"
  done
}

# The code blocks of a page that a comment in front of them gives to a kind, in their order: "trial: tarball deb" is for
# both. The ping, once it has passed, ends the time.
page_commands() { # KIND PAGE
  awk -v kind="$1" '
    /^<!-- trial: .* -->$/ { marked = index(" " $0 " ", " " kind " ") }
    /^```/ { inside = !inside; if (!inside) marked = 0; next }
    inside && marked { print; if (/ ping /) print "stop_clock" }' "$2"
}

# A shell as an administrator has it, which stops at the first error, and a clock.
pages_prologue() { # KIND
  cat <<'END'
set -e
cd /trial
ip link set lo up
begin=$EPOCHREALTIME
END
  # The page names archives of any version: leave the other kind out of its way.
  if [[ $1 == deb ]]; then printf 'rm -f ./*.tar.gz\n'; else printf 'rm -f ./*.deb\n'; fi
  cat <<'END'
stop_clock() { took=$(((${EPOCHREALTIME/./} - ${begin/./}) / 100000)); }
set -x
END
}

pages_epilogue() {
  cat <<'END'
set +x
[[ -n $took ]]
# The kernel takes a namespace's devices down a little after it is deleted.
while ip link show near 2>/dev/null; do sleep 0.1; done
printf '%d.%d\n' $((took / 10)) $((took % 10)) >/trial/passed
END
}

# Goes into another root, which shows the directory where it lay.
fresh_root() { # ROOT DIRECTORY
  set -e
  mount --make-rprivate /
  mount --bind "$1" "$1"
  mkdir -p "$1$2" "$1/before"
  mount --bind "$2" "$1$2"
  mount -t proc proc "$1/proc" # umount asks it
  cd "$1"
  pivot_root . before
  cd /
  umount -l /before
  PATH=/usr/sbin:/usr/bin:/sbin:/bin
}
