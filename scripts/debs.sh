# Debian's own packages for one user: fetched by an apt with a state of its own, unpacked into a folder of the user's
# cache, and run with their own dynamic loader. No root, no container; the host's packages are neither read nor touched.
# Sourced after say.sh, never run. Who sources it sets:
#   cache      the folder
#   suite      Debian's suite
#   locks      where the lists of tried packages are: debs.ARCHITECTURE.lock
#   otherwise  what to do on a machine that cannot have them
# shellcheck shell=bash

# shellcheck disable=SC2154  # cache, suite, locks and otherwise: see above
root=$cache/root

loader() { echo "$root"/usr/lib64/ld-linux-*.so.*; }
libraries() { echo "$root/usr/lib/$(uname -m)-linux-gnu"; }
program() { # PATH ARGS...: one of the unpacked programs, under its own loader
  local path=$root/$1
  shift
  "$(loader)" --library-path "$(libraries)" "$path" "$@"
}

private_apt() {
  local apt=$cache/apt keys=/usr/share/keyrings/debian-archive-keyring.gpg mirror
  [ -r $keys ] || die "Debian's archive keys are missing ($keys)" "sudo apt-get install debian-archive-keyring"
  mirror=$(debian_mirror)
  [ -n "$mirror" ] || die "apt on this host knows no Debian mirror" "$otherwise"
  mkdir -p "$apt"/{none,etc,state/lists/partial,cache} "$cache/debs/partial"
  : >"$apt/status"
  echo "deb [signed-by=$keys] $mirror $suite main" >"$apt/etc/sources.list"
  cat >"$apt/apt.conf" <<CONF
Dir "$apt"; Dir::State "$apt/state"; Dir::State::status "$apt/status";
Dir::Cache "$apt/cache"; Dir::Cache::archives "$cache/debs";
Dir::Etc "$apt/etc"; Dir::Etc::main "-"; Dir::Etc::parts "$apt/none"; Dir::Etc::sourcelist "$apt/etc/sources.list";
Dir::Etc::sourceparts "$apt/none"; Dir::Etc::preferencesparts "$apt/none"; Dir::Etc::trustedparts "$apt/none";
Acquire::Check-Valid-Until "false"; Acquire::Languages "none"; Acquire::Retries "3";
APT::Install-Recommends "false"; APT::Architecture "$(dpkg --print-architecture)"; APT::Sandbox::User "";
CONF
  APT_CONFIG=$apt/apt.conf DEBIAN_FRONTEND=noninteractive apt-get -q "$@"
}

fetch_packages() { # SIZE PACKAGE...
  local size=$1 lock differing
  shift
  lock=$locks/debs.$(dpkg --print-architecture).lock
  if [ -s "$lock" ] && (cd "$cache/debs" 2>/dev/null && sha256sum --quiet --check "$lock") >/dev/null 2>&1; then
    cp "$lock" "$cache/debs.list"
    return
  fi
  note "downloading (about $size)"
  quietly "$cache/apt-update.log" private_apt update || die "the Debian mirror does not answer" "check the network" "$otherwise"
  quietly "$cache/apt-install.log" private_apt install --download-only --yes "$@" ||
    die "the packages could not be downloaded" "read $cache/apt-install.log" "$otherwise"
  rm -rf "$cache/apt"
  (cd "$cache/debs" && sha256sum -- *.deb) >"$cache/debs.list"
  if [ ! -s "$lock" ]; then
    note "there is no list of tried packages for this architecture; taking what the mirror has"
  else
    differing=$(grep -cvxFf "$lock" "$cache/debs.list" || true)
    [ "$differing" = 0 ] ||
      note "the mirror has moved on: $differing packages are newer than the ones in $(basename "$lock"); taking them"
  fi
}

unpack_packages() {
  local package
  note "unpacking"
  rm -rf "$root.new"
  mkdir -p "$root.new"
  while read -r _ package; do
    # what the dependencies bring for their install scripts, which never run here
    [[ $package =~ ^(adduser|passwd|perl|libperl|dpkg_|tar_|debconf|login|coreutils_|bash_|dash_|libpam-|sysvinit|gpg|gnupg|exim|ucf_|systemd_|psmisc) ]] && continue
    dpkg-deb --fsys-tarfile "$cache/debs/$package" | tar -C "$root.new" -x --no-same-owner --keep-directory-symlink \
      --exclude=./usr/share/doc --exclude=./usr/share/man --exclude=./usr/share/locale --exclude=./usr/lib/systemd \
      --transform='s,^\./\(lib\|lib64\|bin\|sbin\)/,./usr/\1/,'
  done <"$cache/debs.list"
  chmod -R a+rX "$root.new"
}

# Whether these packages are what is unpacked.
are_here() { # PACKAGE...
  [ -e "$root/.complete" ] && [ "$(cat "$root/.packages" 2>/dev/null)" = "$*" ]
}

# Fetches and unpacks once. `finish` may add to $root.new; `version` says what was unpacked, by running it from $root.
install_packages() { # WHAT SIZE PACKAGE...
  local what=$1 size=$2 said
  shift 2
  if are_here "$@"; then
    note "$what: $(cat "$root/.complete")"
    return
  fi
  { have apt-get && have dpkg-deb; } || die "this host has no apt, so there is no $what here" "$otherwise"
  step "$what, unpacked into $cache"
  mkdir -p "$cache"
  exec 9>"$cache/lock"
  flock 9
  are_here "$@" && return
  fetch_packages "$size" "$@"
  unpack_packages
  finish
  rm -rf "$root"
  mv "$root.new" "$root"
  said=$(version) || die "what was unpacked does not run" "$otherwise"
  echo "$*" >"$root/.packages"
  echo "$said" >"$root/.complete"
  note "$said, $(du -sm "$root" | cut -f1) MB"
}
