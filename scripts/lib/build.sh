# shellcheck shell=bash
# Builds the program into app/target/app: its jars, the libraries it needs and an archive of preparsed classes. What the
# benchmarks need besides goes into bench/target/bench, where they are asked for. Nothing in there is written in place,
# so a gateway that runs from it survives the next build.

readonly APP=$root/app/target/app BENCH=$root/bench/target/bench
# The modules that the program is made of; testkit because Maven wants it to resolve the gateway's tests.
readonly APP_PARTS=(dataplane vxlan fastpath overlay controlplane testkit gateway load)
# The argument of scripts/build for a module.
readonly -A BUILD_WORDS=([app]='' [bench]=' bench' [controlplane-gobgp]=' gobgp')

# Maven on JDK 25 warns about its own libraries; .mvn/jvm.config cannot say so, since older JVMs read it too.
maven() {
  MAVEN_OPTS="--enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow ${MAVEN_OPTS:-}" \
    "$root/mvnw" -f "$root/pom.xml" --batch-mode --no-transfer-progress "$@"
}

build_app() { build_modules app; }

# The program too.
build_bench() { build_modules app bench; }

# For a command that only reads, which takes what is built as it is.
use_built() { # MODULE…
  local module
  for module in "$@"; do
    [[ -e $root/$module/target/$module/stamp ]] ||
      die 'This checkout is not built.' "In a minute or two, scripts/build${BUILD_WORDS[$module]} does it."
  done
  find_outdated "$@"
  ((${#outdated[@]} == 0)) || warn 'Sources are newer than what is built and runs here: scripts/build builds them.'
}

# One build at a time in a checkout. The lock is on this directory, which no build deletes.
lock_build() {
  exec 9<"$root/scripts"
  flock -n 9 && return
  say 'Waiting for another build in this checkout'
  flock 9
}

unlock_build() { exec 9<&-; }

build_modules() { # MODULE…
  find_outdated "$@"
  ((${#outdated[@]} > 0)) || return 0
  lock_build
  find_outdated "$@"
  if ((${#outdated[@]} > 0)); then
    step_begin 'building Peregrine (the first time takes a minute or two)'
    assemble "${outdated[@]}" 9<&-
    step_end
  fi
  unlock_build
}

find_outdated() { # MODULE… → outdated
  local module
  outdated=()
  for module in "$@"; do is_current "$module" || outdated+=("$module"); done
}

# Directories are compared too: deleting a file touches only its directory.
is_current() { # MODULE
  local stamp=$root/$1/target/$1/stamp inputs=("$root/pom.xml" "$root/.mvn") part path
  [[ -e $stamp ]] || return 1
  [[ $1 != bench ]] || inputs+=("$root"/dataplane/src/test/java/dev/peregrine/dataplane/testing)
  for part in "${APP_PARTS[@]}" "$1"; do
    for path in "$root/$part"/{pom.xml,NOTICE,src/main}; do [[ ! -e $path ]] || inputs+=("$path"); done
  done
  [[ -z $(find "${inputs[@]}" -newer "$stamp" -print -quit) ]]
}

# Maven leaves what a module runs with in its target/dependency.
assemble() { # MODULE…
  local module target modules log=$root/app/target/build.log
  mkdir -p "$root/app/target"
  for module in "$@"; do
    target=$root/$module/target
    mkdir -p "$target"
    rm -rf "$target/dependency" "$target/$module.next"
    mkdir "$target/$module.next"
    touch "$target/$module.next/stamp" # before the build: what changes meanwhile is newer
  done
  modules=$(IFS=,; printf '%s' "$*")
  if ! maven -pl "$modules" -am package -DskipTests -Dspotless.check.skip=true >"$log" 2>&1 </dev/null; then
    step_abort
    grep -E '^\[(ERROR|WARNING)\]' "$log" >&2 || tail -n 20 "$log" >&2
    die "The build failed. The whole output is in $log."
  fi
  for module in "$@"; do put_in_place "$module"; done
}

put_in_place() { # MODULE
  local target=$root/$1/target
  mv -- "$target"/dependency/*.jar "$target/$1.next"
  [[ $1 == app ]] || cp -- "$target/peregrine-$1"-*[0-9T].jar "$target/$1.next" # app has no code
  # Of what is passed on as a folder; scripts/package has the licence of the program.
  [[ ! -e $root/$1/NOTICE ]] || install -m 644 "$root/LICENSE" "$root/$1/NOTICE" "$target/$1.next"
  rm -rf "$target/$1.last"
  [[ ! -e $target/$1 ]] || mv "$target/$1" "$target/$1.last"
  mv "$target/$1.next" "$target/$1"
  rm -rf "$target/$1.last"
  [[ $1 != app ]] || archive_classes "$target/$1" # it holds for jars that lie where they lay
}
