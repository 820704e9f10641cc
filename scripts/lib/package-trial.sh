# shellcheck shell=bash
# Tries the packages as a user would: on a machine without a JDK, under its own systemd. The machine is a set of
# namespaces over a copy-on-write view of this one's root, so that nothing of it is left. Wants root.

readonly TRIAL_SECONDS=500

package_trial() { # DEB TARBALL IMAGE
  local directory=$work/trial part
  [[ $EUID == 0 && -x /lib/systemd/systemd ]] || {
    warn 'The packages are not tried: that needs root and systemd.'
    return
  }
  want_packages crun:crun skopeo:skopeo jq:jq || warn "The trial lacks ${missing_packages[*]}."
  step_begin 'trying the packages on a machine of namespaces'
  mkdir -p "$directory"
  cp -- "$1" "$directory/peregrine.deb"
  cp -- "$2" "$directory/peregrine.tar.gz"
  cp -- "$3" "$directory/peregrine.oci.tar"
  for part in inside oci faults rights; do cp -- "$root/scripts/lib/package-trial-$part.sh" "$directory/$part"; done
  if ! run_logged "$work/trial.log" timeout --kill-after=5 $TRIAL_SECONDS \
    unshare --mount --pid --fork --kill-child --net --uts --ipc --cgroup \
    bash -c "$(declare -f trial_boot); trial_boot \"\$1\"" bash "$directory" ||
    [[ ! -e $directory/passed ]]; then
    step_abort
    cat "$directory/log" >&2 2>/dev/null || tail -n 40 "$work/trial.log" >&2
    die 'The trial of the packages failed. Above: what it said.'
  fi
  step_end
  sed 's/^/  /' "$directory/log"
}

# Process 1 of the machine. Its root shows /run, /tmp, /dev of its own, no JDK, and the directory of the trial as /trial.
trial_boot() { # DIRECTORY
  set -e
  local machine=$1/machine device
  mount --make-rprivate /
  mkdir -p "$machine"
  mount -t tmpfs tmpfs "$machine"
  mkdir "$machine/upper" "$machine/work" "$machine/root"
  mount -t overlay overlay -o "lowerdir=/,upperdir=$machine/upper,workdir=$machine/work" "$machine/root"
  cd "$machine/root"
  mount -t proc proc proc
  mount -t sysfs sysfs sys
  mount -t cgroup2 cgroup2 sys/fs/cgroup
  for device in run tmp dev; do mount -t tmpfs -o mode=755 tmpfs "$device"; done
  chmod 1777 tmp
  for device in null zero full random urandom tty; do
    mknod -m 666 "dev/$device" c "$(stat -c %Hr "/dev/$device")" "$(stat -c %Lr "/dev/$device")"
  done
  mkdir dev/net dev/pts dev/shm trial
  mknod -m 666 dev/net/tun c 10 200
  mount --bind "$1" trial
  mkdir -p run/systemd/system old
  cat >run/systemd/system/trial.service <<'END'
[Unit]
Description=Trial of the packages
SuccessAction=exit-force
FailureAction=exit-force
[Service]
Type=oneshot
ExecStart=/bin/bash /trial/inside
StandardOutput=file:/trial/log
StandardError=file:/trial/log
END
  pivot_root . old
  umount -l /old
  rm -rf /usr/lib/jvm /opt/*
  export container=trial
  exec /lib/systemd/systemd --unit=trial.service
}
