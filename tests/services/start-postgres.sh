#!/usr/bin/env bash
# start-postgres.sh RUN: starts a private PostgreSQL 15 (or newer) in RUN/postgres on a free loopback port and waits until it answers.
#
# Exit 0: prints an Npgsql connection string of a superuser. Exit 1: prints why there is none. The server's process is added to RUN/servers;
# watch.sh stops it. Durability is off: the data lives as long as the tests.
run=$1
here=$(cd "$(dirname "$0")" && pwd)
. "$here/ports.sh"
data=$run/postgres/data
log=$run/postgres.log

missing() { printf '%s\n' "$1"; exit 1; }

find_programs() {
  local candidate major
  for candidate in /usr/lib/postgresql/15/bin /opt/homebrew/opt/postgresql@15/bin /usr/local/opt/postgresql@15/bin "$(dirname "$(command -v initdb || echo /none/initdb)")"; do
    [ -x "$candidate/initdb" ] && [ -x "$candidate/postgres" ] || continue
    major=$("$candidate/postgres" --version | sed 's/[^0-9]*\([0-9]*\).*/\1/')
    [ "$major" -ge 15 ] && { programs=$candidate; return; }
  done
  missing "PostgreSQL 15 is not installed (Debian package postgresql-15)"
}

# PostgreSQL refuses to run as root, so root becomes the user that the package made.
choose_user() {
  owner='' as_owner=(env)
  [ "$(id -u)" -eq 0 ] || return 0
  owner=postgres
  id "$owner" >/dev/null 2>&1 || owner=nobody
  chown "$owner" "$run/postgres"
  if command -v setpriv >/dev/null; then
    as_owner=(setpriv "--reuid=$owner" "--regid=$(id -g "$owner")" --clear-groups)
  else
    as_owner=(runuser -u "$owner" --)
  fi
}

initialise() {
  local file=$run/postgres/password status
  (umask 077 && printf '%s\n' "$password" >"$file")
  [ -z "$owner" ] || chown "$owner" "$file"
  "${as_owner[@]}" "$programs/initdb" --pgdata="$data" --username=headroom --pwfile="$file" \
    --auth=scram-sha-256 --encoding=UTF8 --no-locale --no-sync >"$log" 2>&1
  status=$?
  rm -f "$file"
  return "$status"
}

start() {
  set -m
  "${as_owner[@]}" "$programs/postgres" -D "$data" -p "$port" -c listen_addresses=127.0.0.1 -c unix_socket_directories= \
    -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=200 -c shared_buffers=128MB \
    </dev/null >>"$log" 2>&1 &
  server=$!
  set +m
  printf 'INT %s\n' "$server" >>"$run/servers"
}

wait_until_ready() {
  local tries=0
  while [ "$tries" -lt 300 ]; do
    "$programs/pg_isready" --quiet --host=127.0.0.1 --port="$port" && kill -0 "$server" 2>/dev/null && return 0
    kill -0 "$server" 2>/dev/null || return 1
    sleep 0.1
    tries=$((tries + 1))
  done
  return 1
}

find_programs
mkdir -m 700 "$run/postgres" && choose_user || missing "cannot make $run/postgres"
# scram needs a password that nobody else on this machine can guess: a superuser can run programs.
password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
cd / || exit 1
initialise || missing "initdb failed: $(tail -n 1 "$log")"

# Between choosing a port and binding it another process may take it, so a server that did not come up gets another port.
for _ in 1 2 3 4 5; do
  port=$(free_port) || break
  start
  if wait_until_ready; then
    printf 'Host=127.0.0.1;Port=%s;Username=headroom;Password=%s;Database=postgres;Include Error Detail=true\n' "$port" "$password"
    exit 0
  fi
  kill -QUIT "$server" 2>/dev/null
done
missing "PostgreSQL did not start: $(tail -n 1 "$log")"
