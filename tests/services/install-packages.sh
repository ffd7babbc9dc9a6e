#!/usr/bin/env bash
# install-packages.sh PACKAGE...: installs Debian packages, as root, without letting any of them start its system service.
#
# Debian asks /usr/sbin/policy-rc.d before a package's scripts start a service; 101 means "not allowed". Where there is no such file one
# is put there for as long as this runs. Runs of several clones at once wait for each other.
set -euo pipefail
# Interrupting ./test must not leave dpkg half way.
trap '' INT HUP

policy=/usr/sbin/policy-rc.d
exec 7>/run/lock/headroom-test-packages.lock
flock 7

if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
fi

export DEBIAN_FRONTEND=noninteractive
apt_get() { apt-get -qq -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "$@" </dev/null 7>&-; }
apt_get update
apt_get install --yes --no-install-recommends "$@"
