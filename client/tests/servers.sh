#!/usr/bin/env bash
# Runs a command with a Redis and a PostgreSQL of its own, which end with it:
#   client/tests/servers.sh cargo test --features full,redis,postgres --test stores
# In: the command; without one, the long form of those tests runs. Out: its status; it finds the servers in
# WECHATPAY_TEST_REDIS and WECHATPAY_TEST_POSTGRES.
# A server that is not installed and cannot be installed is left out, and the tests that need it say that
# they are skipped.
set -uo pipefail
cd "$(dirname "$0")/../.."

if [ $# -eq 0 ]; then
    export NOTIFICATIONS=1000
    set -- cargo test --locked --all-features --test stores -- --nocapture
fi
install() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 0
    apt-get install -y -q --no-install-recommends "$1" >/dev/null 2>&1 && return 0
    apt-get update -q >/dev/null 2>&1
    apt-get install -y -q --no-install-recommends "$1" >/dev/null 2>&1 || echo "servers.sh: no $1" >&2
}
free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}
# Runs a command as a user that PostgreSQL accepts: not root.
as_owner() {
    if [ "$(id -u)" = 0 ]; then (cd / && runuser -u postgres -- "$@"); else "$@"; fi
}
postgres_bin() {
    local bin
    bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
    [ -n "$bin" ] || bin=$(dirname "$(command -v initdb 2>/dev/null)" 2>/dev/null)
    [ -x "$bin/initdb" ] && echo "$bin"
}

command -v redis-server >/dev/null || install redis-server
[ -n "$(postgres_bin)" ] || install postgresql

folder=$(mktemp -d)
redis=""
database=""
stop() {
    [ -n "$redis" ] && kill "$redis" 2>/dev/null && wait "$redis" 2>/dev/null
    [ -n "$database" ] && as_owner "$database/pg_ctl" -D "$folder/postgres" -m immediate stop >/dev/null 2>&1
    rm -rf "$folder"
}
trap stop EXIT
trap 'exit 130' INT TERM

if command -v redis-server >/dev/null; then
    port=$(free_port)
    redis-server --bind 127.0.0.1 --port "$port" --save "" --appendonly no --dir "$folder" \
        >"$folder/redis.log" 2>&1 &
    redis=$!
    for _ in $(seq 100); do
        redis-cli -p "$port" ping >/dev/null 2>&1 && break
        sleep 0.1
    done
    export WECHATPAY_TEST_REDIS="redis://127.0.0.1:$port/"
fi

bin=$(postgres_bin)
if [ -n "$bin" ]; then
    port=$(free_port)
    mkdir "$folder/postgres"
    chmod 711 "$folder"
    [ "$(id -u)" = 0 ] && chown postgres "$folder/postgres"
    if as_owner "$bin/initdb" -D "$folder/postgres" -U test --auth=trust >"$folder/postgres.log" 2>&1 &&
        as_owner "$bin/pg_ctl" -D "$folder/postgres" -w -l "$folder/postgres/log" \
            -o "-c listen_addresses=127.0.0.1 -p $port -k '' -c fsync=off" start >>"$folder/postgres.log" 2>&1; then
        database=$bin
        export WECHATPAY_TEST_POSTGRES="postgres://test@127.0.0.1:$port/postgres"
    else
        cat "$folder/postgres.log" >&2
    fi
fi

"$@"
