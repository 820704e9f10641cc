# shellcheck shell=bash
# The parts of a package: an image of the installed tree, and the archives that are made of it.
#
#   bin/peregrine               starts the program
#   lib/runtime                 a Java runtime with the modules that the program needs
#   lib/peregrine.jar           names the other jars, so that the class path is the same wherever the tree lies
#   lib/native                  Netty's native library, which it would else write into a temporary folder at each start
#   lib/jvm/KIND.args           the JVM's flags of a gateway, a load tool, a client command
#   lib/run.aot, lib/client.aot caches of classes and profiles, of a gateway and of a client command
#   share                       manual pages, completion for bash, an example configuration, the licence

# → version, machine, debian_machine, and epoch: the time of all files, that of the sources
package_version() {
  epoch=${SOURCE_DATE_EPOCH:-$(git -C "$root" log -1 --format=%ct 2>/dev/null || date +%s)}
  version=$(sed -n 's/^version=//p' "$root/gateway/target/classes/dev/peregrine/gateway/version.properties")
  [[ -n $version ]] || die 'The build has no version.properties.'
  machine=$(uname -m)
  case $machine in
    x86_64) debian_machine=amd64 ;;
    aarch64) debian_machine=arm64 ;;
    *) die "There are no packages for $machine: Peregrine runs on x86_64 and aarch64." ;;
  esac
}

package_image() { # DIRECTORY
  local image=$1
  step_begin 'collecting the program and a Java runtime'
  mkdir -p "$image/bin" "$image/lib/jvm" "$image/share/doc/peregrine"
  package_jars "$image/lib"
  package_native "$image/lib"
  package_runtime "$image"
  package_flags "$image/lib/jvm"
  install -m 755 "$root/deploy/peregrine" "$image/bin/peregrine"
  install -m 644 "$root/LICENSE" "$root/CHANGELOG.md" "$root/deploy/peregrine.yaml" \
    "$root"/docs/*.md "$image/share/doc/peregrine"
  package_manual "$image"
  # Before the caches are made: the JVM ignores them when a jar has another time than then.
  find "$image" -exec touch --no-dereference --date "@$epoch" {} +
  step_end
}

package_jars() { # LIB
  local lib=$1 jar jars
  for jar in "$APP"/*.jar; do
    case ${jar##*/} in
      # Java 5 class files, which no cache takes.
      picocli-*) "$JAVA_HOME/bin/java" "$root/scripts/lib/UpgradeClassFiles.java" "$jar" "$lib/${jar##*/}" ;;
      *) cp -- "$jar" "$lib" ;;
    esac
  done
  jars=("$lib"/*.jar)
  {
    printf 'Main-Class: %s\n' "$MAIN_CLASS"
    # A line of a manifest has 72 bytes at most; one that is continued begins with a space.
    printf 'Class-Path:'
    printf ' \n  %s' "${jars[@]##*/}"
    printf '\n'
  } >"$work/manifest"
  "$JAVA_HOME/bin/jar" --create --date "$(date -u -d "@$epoch" +%Y-%m-%dT%H:%M:%SZ)" --file "$lib/peregrine.jar" \
    --manifest "$work/manifest"
}

package_native() { # LIB
  local jar
  mkdir -p "$work/native" "$1/native"
  for jar in "$1"/netty-*-linux-*.jar; do (cd "$work/native" && "$JAVA_HOME/bin/jar" --extract --file "$jar" META-INF/native); done
  install -m 644 "$work"/native/META-INF/native/*.so "$1/native"
}

package_runtime() { # IMAGE
  local modules jar jars=()
  # The HTTP codec names a module that is left out of the program, and jdeps insists on it.
  for jar in "$1"/lib/*.jar; do [[ $jar == */netty-codec-http-* ]] || jars+=("$jar"); done
  modules=$("$JAVA_HOME/bin/jdeps" --ignore-missing-deps --multi-release 25 --print-module-deps "${jars[@]}") ||
    die 'jdeps cannot tell which modules the program needs:' "$modules"
  "$JAVA_HOME/bin/jlink" --add-modules "$modules" --strip-debug --no-header-files --no-man-pages \
    --output "$1/lib/runtime"
}

# As scripts/peregrine has them.
package_flags() { # DIRECTORY
  cat "$root/scripts/jvm.args" "$GATEWAY_ARGS" >"$1/run.args"
  { cat "$root/scripts/jvm.args" && printf '%s\n' "${LOAD_FLAGS[@]}"; } >"$1/load.args"
  { cat "$root/scripts/jvm.args" && printf '%s\n' "${CLIENT_FLAGS[@]}"; } >"$1/client.args"
  # `check` and `doctor` compare a configuration with the heap that a gateway has.
  { cat "$1/client.args" && grep '^-Xmx' "$GATEWAY_ARGS"; } >"$1/check.args"
}

package_manual() { # IMAGE
  local command
  image_program "$1" client
  mkdir -p "$1/share/man/man1" "$1/share/bash-completion/completions"
  "${command[@]}" manual "$1/share/man/man1" >/dev/null
  gzip -9 -n "$1"/share/man/man1/*.1
  "${command[@]}" completion bash >"$1/share/bash-completion/completions/peregrine"
}

package_tarball() { # IMAGE OUT → archive
  archive=$2/${1##*/}.tar.gz
  tar --create --owner=0 --group=0 --numeric-owner --sort=name --mtime="@$epoch" --directory "${1%/*}" "${1##*/}" |
    gzip -n >"$archive.next"
  mv -- "$archive.next" "$archive"
}

package_deb() { # IMAGE OUT → archive
  local tree=$work/deb
  archive=$2/peregrine_${version//-/\~}_$debian_machine.deb
  mkdir -p "$tree/usr/lib/peregrine" "$tree/usr/bin" "$tree/etc/peregrine" "$tree/lib/systemd/system" "$tree/DEBIAN"
  cp -a -- "$1/bin" "$1/lib" "$tree/usr/lib/peregrine"
  cp -a -- "$1/share" "$tree/usr/share"
  ln -s ../lib/peregrine/bin/peregrine "$tree/usr/bin/peregrine"
  install -m 644 "$root/deploy/peregrine.yaml" "$tree/etc/peregrine/peregrine.yaml"
  install -m 644 "$root/deploy/systemd/peregrine.service" "$tree/lib/systemd/system"
  deb_control "$tree" >"$tree/DEBIAN/control"
  install -m 755 "$root"/deploy/debian/{postinst,prerm,postrm} "$tree/DEBIAN"
  printf '/etc/peregrine/peregrine.yaml\n' >"$tree/DEBIAN/conffiles"
  dpkg-deb --root-owner-group --build -Zgzip "$tree" "$archive.next" >/dev/null
  mv -- "$archive.next" "$archive"
}

deb_control() { # TREE
  cat <<END
Package: peregrine
Version: ${version//-/\~}
Architecture: $debian_machine
Maintainer: The Peregrine authors <peregrine@localhost>
Installed-Size: $(du -sk "$1" | cut -f 1)
Depends: libc6 (>= 2.28), adduser
Recommends: iproute2
Section: net
Priority: optional
Description: userspace VXLAN overlay gateway
 Peregrine connects containers on different hosts by VXLAN, without kernel VXLAN
 devices. It receives VXLAN on a UDP socket and hands the frames to containers
 (TAP), to an existing interface, or to an application's socket.
END
}
