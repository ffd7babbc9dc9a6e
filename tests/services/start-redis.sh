#!/usr/bin/env bash
# start-redis.sh RUN: starts a private Redis 7 (or newer) without persistence on a free loopback port and waits until it answers.
#
# Exit 0: prints host:port. Exit 1: prints why there is none. The server's process is added to RUN/servers; watch.sh stops it.
run=$1
here=$(cd "$(dirname "$0")" && pwd)
. "$here/ports.sh"
log=$run/redis.log

missing() { printf '%s\n' "$1"; exit 1; }

start() {
  set -m
  redis-server --port "$port" --bind 127.0.0.1 --save '' --appendonly no --daemonize no --dir "$run" --loglevel warning \
    </dev/null >>"$log" 2>&1 &
  server=$!
  set +m
  printf 'TERM %s\n' "$server" >>"$run/servers"
}

answers() {
  local answer=''
  { exec 6<>"/dev/tcp/127.0.0.1/$port"; } 2>/dev/null || return 1
  printf 'PING\r\n' >&6
  read -r -t 2 answer <&6
  exec 6>&-
  [ "${answer%$'\r'}" = +PONG ]
}

wait_until_ready() {
  local tries=0
  while [ "$tries" -lt 100 ]; do
    answers && kill -0 "$server" 2>/dev/null && return 0
    kill -0 "$server" 2>/dev/null || return 1
    sleep 0.1
    tries=$((tries + 1))
  done
  return 1
}

command -v redis-server >/dev/null || missing "Redis 7 is not installed (Debian package redis-server)"
major=$(redis-server --version | sed 's/.*v=\([0-9]*\).*/\1/')
[ "$major" -ge 7 ] || missing "Redis 7 is needed; this is $(redis-server --version | cut -d ' ' -f 1-3)"

[ -d "$run" ] || missing "$run is gone"
for _ in 1 2 3 4 5; do
  port=$(free_port) || break
  start
  wait_until_ready && { printf '127.0.0.1:%s\n' "$port"; exit 0; }
  kill -KILL "$server" 2>/dev/null
done
missing "Redis did not start: $(tail -n 1 "$log")"
