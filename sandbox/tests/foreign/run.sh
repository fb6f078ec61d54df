#!/usr/bin/env bash
# Drives the sandbox with WeChat Pay clients that others publish: PyPI wechatpayv3 and wechatpy, npm
# wechatpay-axios-plugin, wechatpay-node-v3 and tenpay, crates wxpay-rs, wechat-pay, wechat-pay-rust-sdk and
# rswxpay. Each is installed from its registry and runs unmodified, but for the address where a client has that
# built in.
#
#   run.sh [CLIENT…]      python-v3 python-v2 axios node-v3 tenpay rust; all when none is named
#   BIN=PATH run.sh       another sandbox than target/debug/wechatpay-sandbox
#   WORK=DIR run.sh       where clients are installed and logs are written
#
# Prints a table. A failure that known.txt lists with its reason is the client's own; any other makes the
# script fail.
set -uo pipefail
cd "$(dirname "$0")"
root=$(cd ../../.. && pwd)
BIN=${BIN:-$root/target/debug/wechatpay-sandbox}
WORK=${WORK:-$root/target/foreign}
mkdir -p "$WORK"
results=$WORK/results.tsv
: >"$results"

# Installs the clients.
python=("$WORK/venv/bin/python" -W ignore)
node=(env "NODE_PATH=$WORK/node_modules" node)
install() {
    if [ ! -x "$WORK/venv/bin/python" ]; then
        python3 -m venv "$WORK/venv" && "$WORK/venv/bin/pip" install -q wechatpayv3 'wechatpy[cryptography]'
    fi
    if [ ! -d "$WORK/node_modules" ]; then
        npm install --silent --prefix "$WORK" wechatpay-axios-plugin wechatpay-node-v3 tenpay
    fi
    if wanted rust; then
        cargo build -q --manifest-path rust/Cargo.toml --target-dir "$WORK/target"
    fi
}

# run CLIENT MODE "serve options" command…: the command's lines "ok|failed<tab>what<tab>detail" are kept.
run() {
    local client=$1 mode=$2 options=$3 pid
    shift 3
    export CONF=$WORK/$client-$mode.json
    rm -rf "$CONF" "$WORK/state"
    # shellcheck disable=SC2086
    "$BIN" serve --state "$WORK/state" $options >"$CONF" 2>"$WORK/$client-$mode.err" &
    pid=$!
    for _ in $(seq 100); do [ -s "$CONF" ] && break; sleep 0.1; done
    export CA=$WORK/state/ca.pem MODE=$mode
    NODE_EXTRA_CA_CERTS=$CA timeout 120 "$@" >"$WORK/$client-$mode.log" 2>&1
    kill $pid
    wait $pid 2>/dev/null
    grep -P '^(ok|failed)\t' "$WORK/$client-$mode.log" | sed "s/^/$client\t$mode\t/" >>"$results"
    grep -qP '^(ok|failed)\t' "$WORK/$client-$mode.log" ||
        printf '%s\t%s\tfailed\tthe script itself\tsee %s\n' "$client" "$mode" "$WORK/$client-$mode.log" >>"$results"
}

wanted() { [ ${#clients[@]} = 0 ] || [[ " ${clients[*]} " == *" $1 "* ]]; }
clients=("$@")
install

for kind in public-key certificate; do
    wanted python-v3 && run python-v3 $kind "--platform $kind" "${python[@]}" wechatpayv3_client.py
    wanted axios && run axios $kind "--platform $kind" "${node[@]}" axios.js
    wanted node-v3 && run node-v3 $kind "--platform $kind" "${node[@]}" node_v3.js
    wanted rust && run rust $kind "--platform $kind" "$WORK/target/debug/foreign"
done
for kind in v2 v2-tls; do
    tls=$([ $kind = v2-tls ] && echo --tls)
    wanted python-v2 && run python-v2 $kind "$tls" "${python[@]}" wechatpy_client.py
    wanted axios && run axios $kind "$tls" "${node[@]}" axios_v2.js
done
wanted tenpay && run tenpay v2-tls --tls "${node[@]}" tenpay.js

python3 - "$results" known.txt <<'PY'
import collections, sys
known = {}
for line in open(sys.argv[2], encoding="utf-8"):
    if line.strip() and not line.startswith("#"):
        client, mode, what, why = line.rstrip("\n").split("\t")
        known[client, mode, what] = why
counts, bad = collections.OrderedDict(), []
for line in open(sys.argv[1], encoding="utf-8"):
    client, mode, state, what, detail = (line.rstrip("\n").split("\t") + [""] * 5)[:5]
    row = counts.setdefault((client, mode), [0, 0, 0])
    why = known.get((client, mode, what)) or known.get((client, "*", what))
    if state == "ok":
        row[0] += 1
    elif why:
        row[1] += 1
        print(f"client  {client} {mode}: {what}: {why}")
    else:
        row[2] += 1
        bad.append(f"FAILED  {client} {mode}: {what}: {detail}")
print("\n".join(bad))
print(f"{'client':10} {'mode':12} {'ok':>4} {'its own fault':>14} {'failed':>7}")
for (client, mode), (ok, own, failed) in counts.items():
    print(f"{client:10} {mode:12} {ok:4} {own:14} {failed:7}")
sys.exit(bool(bad) or not counts)
PY
