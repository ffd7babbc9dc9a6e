#!/usr/bin/env bash
# watch.sh RUN: waits until ./test is gone, however it went, then stops what it started and removes RUN.
#
# ./test holds RUN/alive, a named pipe, open for writing and closes it in every child, so that the end of the pipe is the end of ./test:
# the kernel closes it also on SIGKILL. RUN/running has the process group of the build or test project that runs,
# RUN/watchdog that of its time limit, RUN/servers a signal and a process per server.
run=$1
trap '' INT TERM HUP

cat "$run/alive" >/dev/null

gone() {
  local tries=0
  while kill -0 "$1" 2>/dev/null; do
    [ "$tries" -ge "$2" ] && return 1
    sleep 0.1
    tries=$((tries + 1))
  done
}

[ -s "$run/watchdog" ] && kill -KILL -- "-$(cat "$run/watchdog")" 2>/dev/null
if [ -s "$run/running" ]; then
  group=$(cat "$run/running")
  kill -TERM -- "-$group" 2>/dev/null
  gone "-$group" 30
  kill -KILL -- "-$group" 2>/dev/null
fi
if [ -f "$run/servers" ]; then
  while read -r signal server; do kill "-$signal" "$server" 2>/dev/null; done <"$run/servers"
  while read -r signal server; do gone "$server" 100 || kill -KILL "$server" 2>/dev/null; done <"$run/servers"
fi
rm -rf "$run"
