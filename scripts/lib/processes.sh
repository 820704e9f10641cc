# shellcheck shell=bash
# Background processes that a script starts, each ended by its own id, whatever ends the script.
# Should the script itself be killed outright, the kernel ends them (pdeathsig).

children=()

# start LOG COMMAND…: in the background; its id in `child`. A command, not a shell function: a function would be
# run by a subshell, and ending that would not end the command.
start() {
  local log=$1
  shift
  : >"$log" # here, so that whoever waits for a line in it finds it at once
  setpriv --pdeathsig TERM -- "$@" >"$log" 2>&1 </dev/null &
  child=$!
  children+=("$child")
}

# As start, and waits for it. A trap can interrupt this, which it could not with a foreground command.
run_logged() {
  local code=0
  start "$@"
  wait "$child" || code=$?
  forget "$child"
  return "$code"
}

forget() { # PID
  local pid left=()
  for pid in "${children[@]}"; do [[ $pid == "$1" ]] || left+=("$pid"); done
  children=("${left[@]}")
}

# Not by `kill -0`: a trap can find bash with SIGCHLD blocked, and children that ended stay zombies meanwhile.
alive() { # PID
  local stat
  { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 1
  [[ ${stat##*) } != Z* ]]
}

# stop PID [SECONDS]: TERM, and KILL after the time. Returns the exit code.
stop() {
  local pid=$1 tenths=$((${2:-5} * 10)) code=0
  kill -TERM "$pid" 2>/dev/null || true
  while alive "$pid" && ((tenths-- > 0)); do pause 0.1; done
  kill -KILL "$pid" 2>/dev/null || true
  wait "$pid" 2>/dev/null || code=$?
  forget "$pid"
  return "$code"
}

stop_all() {
  local pid
  for pid in "${children[@]}"; do kill -TERM "$pid" 2>/dev/null || true; done
  for pid in "${children[@]}"; do stop "$pid" || true; done
}

# Sleeps without a process, so also quickly interrupted. The pipe never gets data.
pause() {
  [[ -n ${pause_fd:-} ]] || exec {pause_fd}<> <(:)
  read -r -t "$1" -u "$pause_fd" || true
}

# wait_until SECONDS COMMAND…: polls until the command succeeds; fails when the time is over.
wait_until() {
  local end=$((SECONDS + $1))
  shift
  until "$@"; do
    ((SECONDS < end)) || return 1
    pause 0.1
  done
}
