# Sourced by the scripts that start a server.
# shellcheck shell=bash

# Prints a loopback port nobody listens on, below the range that the system hands to outgoing connections.
free_port() {
  local port tries=0
  while [ "$tries" -lt 100 ]; do
    port=$((20000 + RANDOM % 12000))
    (exec 6<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { printf '%s\n' "$port"; return; }
    tries=$((tries + 1))
  done
  return 1
}
