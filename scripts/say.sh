# How the scripts of this folder talk: one line a step, and every failure names the next step to take.
# Sourced, never run.
# shellcheck shell=bash

step() { printf '\033[1m==>\033[0m %s\n' "$*" >&2; }
note() { printf '    %s\n' "$*" >&2; }
die() {
  printf '\033[31mfailed:\033[0m %s\n' "$1" >&2
  shift
  local line
  for line in "$@"; do printf '  next: %s\n' "$line" >&2; done
  exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }

# Runs a command quietly; its output is shown only when it fails.
quietly() { # LOG COMMAND...
  local log=$1
  shift
  mkdir -p "$(dirname "$log")"
  "$@" >"$log" 2>&1 </dev/null && return 0
  local code=$?
  tail -n 30 "$log" >&2
  note "the whole output is in $log"
  return $code
}

# root, or sudo in front of it
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# The mirror that this host's apt already uses.
debian_mirror() {
  apt-get indextargets --format "\$(REPO_URI)" 2>/dev/null | grep -E '/debian/?$' | head -n 1
}
