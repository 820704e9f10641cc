# shellcheck shell=bash
# Debian packages: installed when this is root with apt-get, else named.

# ip, ethtool and others live in sbin, which an ordinary user's PATH often leaves out.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

apt_root() { [[ $EUID == 0 && -z ${PEREGRINE_USERNS:-} ]] && type -P apt-get >/dev/null; }

apt_has_candidate() {
  local policy
  policy=$(LC_ALL=C apt-cache policy "$1" 2>/dev/null) || return 1
  [[ $policy == *Candidate:* && $policy != *'Candidate: (none)'* ]]
}

# The package lists may be missing (containers) or old: read them once before giving up.
apt_refresh() {
  [[ -z ${apt_fresh:-} ]] || return 1
  apt_fresh=1
  apt-get update -qq >/dev/null 2>&1
}

apt_can_install() {
  apt_root || return 1
  apt_has_candidate "$1" || { apt_refresh && apt_has_candidate "$1"; }
}

# With this run level, no service of a package is started.
apt_get_install() {
  RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" </dev/null >/dev/null 2>&1
}

apt_install() { apt_get_install "$@" || { apt_refresh && apt_get_install "$@"; }; }

# want_packages COMMAND:PACKAGE…: installs what is missing, if it can. Leaves the packages that are still
# missing in `missing_packages` and fails if there are any.
want_packages() {
  local pair
  missing_packages=()
  for pair in "$@"; do
    type -P "${pair%%:*}" >/dev/null || missing_packages+=("${pair#*:}")
  done
  ((${#missing_packages[@]} > 0)) || return 0
  if apt_root; then
    say "Installing ${missing_packages[*]}"
    apt_install "${missing_packages[@]}" || warn "apt-get install ${missing_packages[*]} failed"
    hash -r
  fi
  local missing=()
  for pair in "$@"; do
    type -P "${pair%%:*}" >/dev/null || missing+=("${pair#*:}")
  done
  missing_packages=("${missing[@]}")
  ((${#missing_packages[@]} == 0))
}

# As want_packages, and ends the script if something is still missing.
need_packages() {
  want_packages "$@" || die "Missing: ${missing_packages[*]}" \
    "On Debian or Ubuntu, as root: apt-get install ${missing_packages[*]}" \
    'Elsewhere the packages have the same or similar names.'
}
