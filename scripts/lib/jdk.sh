# shellcheck shell=bash
# Finds a JDK 25 or newer without starting a JVM: a JDK says its version in its `release` file.

readonly JDK_MINIMUM=25

jdk_major() { # HOME → REPLY, the feature release, or fails if that is no JDK (a JRE has no javac)
  [[ -x $1/bin/java && -x $1/bin/javac && -r $1/release ]] || return 1
  local line
  while IFS= read -r line; do
    if [[ $line =~ ^JAVA_VERSION=\"?([0-9]+) ]]; then
      REPLY=${BASH_REMATCH[1]}
      return 0
    fi
  done <"$1/release"
  return 1
}

# Sets and exports JAVA_HOME; fails if there is no such JDK.
find_jdk() {
  local home candidates=()
  [[ -z ${JAVA_HOME:-} ]] || candidates+=("$JAVA_HOME")
  if home=$(type -P javac); then
    home=$(readlink -f -- "$home")
    candidates+=("${home%/bin/javac}")
  fi
  candidates+=(/usr/lib/jvm/* /opt/* "${HOME:-/nonexistent}"/.sdkman/candidates/java/* "${HOME:-/nonexistent}"/.jdks/*)
  for home in "${candidates[@]}"; do
    if jdk_major "$home" && ((REPLY >= JDK_MINIMUM)); then
      export JAVA_HOME=$home
      return 0
    fi
  done
  return 1
}

no_jdk() {
  die "Peregrine needs a JDK $JDK_MINIMUM or newer, and none was found." \
    'Looked at JAVA_HOME, PATH, /usr/lib/jvm, /opt, ~/.sdkman/candidates/java and ~/.jdks.' \
    '' \
    'To get one:' \
    "  Debian, Ubuntu   apt-get install openjdk-$JDK_MINIMUM-jdk-headless     (where the release has it)" \
    "                   apt-get install temurin-$JDK_MINIMUM-jdk              (with the Adoptium package source)" \
    "  Fedora           dnf install java-$JDK_MINIMUM-openjdk-devel" \
    '  anywhere         unpack any JDK archive, for example under ~/.jdks, or use a tool such as sdkman' \
    '' \
    'If it is elsewhere: JAVA_HOME=/path/to/jdk '"$0"
}

# As find_jdk; installs one where that is possible without asking anyone, else says how to get one.
need_jdk() {
  find_jdk && return
  local package
  for package in "openjdk-$JDK_MINIMUM-jdk-headless" "temurin-$JDK_MINIMUM-jdk"; do
    apt_can_install "$package" || continue
    say "Installing $package"
    if apt_install "$package" && find_jdk; then return; fi
  done
  no_jdk
}
