# What ./headroom and ./test share: finding the SDK, keeping it quiet, and building one at a time. Sourced, never run.
# Expects `root` (the repository) and `artifacts`; sets `dotnet`. Keeps to bash 3.2.
# shellcheck shell=bash

say() { printf '%s\n' "${0##*/}: $*" >&2; }
refuse() { say "$@"; exit 2; }

how_to_install="Install the .NET SDK 10 (https://dotnet.microsoft.com/download/dotnet/10.0, or your system's package dotnet-sdk-10.0) and run this again."

find_dotnet() {
  local candidate
  dotnet=$(command -v dotnet) && return
  for candidate in "$DOTNET_ROOT" "$HOME/.dotnet" /usr/share/dotnet /usr/lib/dotnet /usr/local/share/dotnet; do
    [ -x "$candidate/dotnet" ] && { dotnet=$candidate/dotnet; return; }
  done
  say "the .NET SDK 10 is needed and no 'dotnet' was found"
  refuse "$how_to_install"
}

# global.json in the root names the oldest SDK that will do; dotnet itself decides whether one is there.
require_sdk() {
  local found
  (prepare_sdk_environment && cd "$root" && "$dotnet" --version >/dev/null 2>&1) && return
  found=$("$dotnet" --list-sdks 2>/dev/null | sed 's/ .*//' | tr '\n' ' ')
  say "the .NET SDK 10.0.100 or newer is needed; $dotnet has ${found:-a runtime only}"
  refuse "$how_to_install"
}

# NuGet, npm and the SDK keep things in the home directory. Without one that can be written they get one in the artifacts.
prepare_sdk_environment() {
  export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_GENERATE_ASPNET_CERTIFICATE=false DOTNET_ADD_GLOBAL_TOOLS_TO_PATH=0
  export DOTNET_CLI_WORKLOAD_UPDATE_NOTIFY_DISABLE=true NUGET_XMLDOC_MODE=skip
  [ -n "$HOME" ] && mkdir -p "$HOME" 2>/dev/null && [ -w "$HOME" ] && return
  export HOME=$artifacts/home DOTNET_CLI_HOME=$artifacts/home
  mkdir -p "$HOME"
}

require_artifacts() {
  mkdir -p "$artifacts" 2>/dev/null && [ -w "$artifacts" ] || refuse "cannot write to '$artifacts', where the build goes; make it writable"
}

# One build at a time in one clone. Children must be started with 9>&-, or a build server would keep the lock.
owns_build_link=''
lock_build() {
  local lock=$artifacts/build.lock owner
  if command -v flock >/dev/null 2>&1; then
    exec 9>"$lock"
    flock -n 9 && return
    say "waiting for another build to finish"
    flock 9
    return
  fi
  # Without flock: a symbolic link that names its owner is made in one step; a dead owner's link is taken away.
  until ln -s "$$" "$lock.owner" 2>/dev/null; do
    owner=$(readlink "$lock.owner")
    if [ -n "$owner" ] && ! kill -0 "$owner" 2>/dev/null; then rm -f "$lock.owner"; fi
    sleep 0.2
  done
  owns_build_link=yes
}

unlock_build() {
  exec 9>&-
  [ -n "$owns_build_link" ] && rm -f "$artifacts/build.lock.owner"
  owns_build_link=''
}

# A build's log: each error once, without the project's name after it; all of it where the build died of something else.
show_build_errors() {
  grep -E '(: |^)(error|warning)( |:)' "$1" | sed 's/ \[[^]]*proj]$//' | sort -u | grep . || cat "$1"
}
