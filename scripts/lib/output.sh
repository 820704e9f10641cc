# shellcheck shell=bash
# What a person reads while a script works. Everything goes to stderr: stdout belongs to results.

if [[ -t 2 && -z ${NO_COLOR:-} && ${TERM:-dumb} != dumb ]]; then
  bold=$'\e[1m' dim=$'\e[2m' red=$'\e[31m' green=$'\e[32m' yellow=$'\e[33m' plain=$'\e[0m'
else
  bold='' dim='' red='' green='' yellow='' plain=''
fi

say() { printf '%s\n' "$*" >&2; }
heading() { printf '%s%s%s\n' "$bold" "$*" "$plain" >&2; }
warn() { printf '%s%s%s\n' "$yellow" "$*" "$plain" >&2; }

# die [-CODE] MESSAGE…: one argument is one line.
die() {
  local code=1
  if [[ $1 == -[0-9]* ]]; then code=${1#-}; shift; fi
  printf '%s%s%s\n' "$red" "$1" "$plain" >&2
  shift
  (($# == 0)) || printf '%s\n' "$@" >&2
  exit "$code"
}

# Microseconds since the epoch, in any locale and without a process.
now_micros() { REPLY=${EPOCHREALTIME//[.,]/}; }

# step_begin TEXT … step_end [NOTE]: "  building Peregrine … 12.3 s". The time is written when it is over.
step_begin() {
  now_micros
  step_start=$REPLY
  step_open=1
  printf '  %s %s…%s ' "$1" "$dim" "$plain" >&2
}

step_end() {
  now_micros
  local tenths=$(((REPLY - step_start) / 100000))
  step_open=
  printf '%s%d.%d s%s%s\n' "$green" $((tenths / 10)) $((tenths % 10)) "$plain" "${1:+  $1}" >&2
}

# Ends the line of a step that did not come to its end.
step_abort() {
  [[ -n ${step_open:-} ]] || return 0
  step_open=
  printf '%sstopped%s\n' "$red" "$plain" >&2
}
