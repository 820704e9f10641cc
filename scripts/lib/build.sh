# shellcheck shell=bash
# Builds the program into gateway/target/app: its jars, the libraries it needs and an archive of preparsed
# classes. Nothing in there is written in place, so a gateway that runs from it survives the next build.

# The modules that the program is made of; testkit because Maven wants it to resolve the gateway's tests.
readonly BUILD_MODULES=(dataplane vxlan fastpath testkit gateway bench)

# Maven on JDK 25 warns about its own libraries; .mvn/jvm.config cannot say so, since older JVMs read it too.
maven() {
  MAVEN_OPTS="--enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow ${MAVEN_OPTS:-}" \
    "$root/mvnw" -f "$root/pom.xml" --batch-mode --no-transfer-progress "$@"
}

# Directories are compared too: deleting a file touches only its directory.
app_is_current() {
  local app=$root/gateway/target/app inputs=("$root/pom.xml" "$root/.mvn") module
  [[ -e $app/stamp ]] || return 1
  for module in "${BUILD_MODULES[@]}"; do inputs+=("$root/$module/pom.xml" "$root/$module/src/main"); done
  [[ -z $(find "${inputs[@]}" -newer "$app/stamp" -print -quit) ]]
}

# One build at a time in a checkout. The lock is on this directory, which no build deletes.
lock_build() {
  exec 9<"$root/scripts"
  flock -n 9 && return
  say 'Waiting for another build in this checkout'
  flock 9
}

unlock_build() { exec 9<&-; }

build_app() {
  app_is_current && return
  lock_build
  if ! app_is_current; then
    step_begin 'building Peregrine (the first time takes a minute or two)'
    assemble_app 9<&-
    step_end
  fi
  unlock_build
}

assemble_app() {
  local target=$root/gateway/target jars
  local next=$target/app.next log=$target/build.log
  mkdir -p "$target"
  rm -rf "$next"
  mkdir "$next"
  touch "$next/stamp" # before the build: what changes meanwhile is newer
  if ! maven -pl bench -am package -DskipTests -Dspotless.check.skip=true >"$log" 2>&1 </dev/null; then
    step_abort
    grep -E '^\[(ERROR|WARNING)\]' "$log" >&2 || tail -n 20 "$log" >&2
    die "The build failed. The whole output is in $log."
  fi
  IFS=: read -r -a jars <"$root/bench/target/classpath.txt" || [[ -n ${jars[0]:-} ]] # no newline at its end
  cp -- "$root"/bench/target/peregrine-bench-*[0-9T].jar "${jars[@]}" "$next"
  rm -rf "$target/app.last"
  [[ ! -e $target/app ]] || mv "$target/app" "$target/app.last"
  mv "$next" "$target/app"
  rm -rf "$target/app.last"
  archive_classes "$target/app"
}
