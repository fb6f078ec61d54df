#!/usr/bin/env bash
# What a program with an order, a refund and a payment notification costs, beside its peers: crates,
# CPU seconds of a cold release build, bytes of the stripped binary. `benches/footprint.sh`
#
# `benches/footprint.sh units` also lists the crates of this client's program that take over 2 CPU seconds.
set -euo pipefail
cd "$(dirname "$0")/peers"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cargo fetch --locked -q
printf '%-12s %7s %10s %10s\n' program crates 'CPU s' 'MB'
for program in ours wxpay-rs rswxpay wechat-pay; do
    crates=$(cargo tree --locked -q -p "program-$program" -e normal,build --prefix none --no-dedupe | sort -u | wc -l)
    /usr/bin/time -f '%U %S' -o "$work/time" \
        cargo build --release --locked -q -p "program-$program" --target-dir "$work/$program"
    size=$(stat -c %s "$work/$program/release/program-$program")
    awk -v program=$program -v crates="$crates" -v size="$size" \
        '{ printf "%-12s %7d %10.1f %10.2f\n", program, crates, $1 + $2, size / 1e6 }' "$work/time"
    [ "${1:-} $program" = "units ours" ] || rm -rf "$work/$program"
done
if [ "${1:-}" = units ]; then
    rm -rf "$work/ours"
    cargo build --release --locked -q -p program-ours --target-dir "$work/ours" --timings
    python3 - "$work"/ours/cargo-timings/cargo-timing.html <<'PYTHON'
import json, re, sys
units = json.loads(re.search(r'UNIT_DATA = (\[.*?\]);', open(sys.argv[1]).read(), re.S)[1])
for unit in sorted(units, key=lambda unit: -unit['duration']):
    if unit['duration'] > 2:
        print(f"{unit['duration']:6.1f} s  {unit['name']} {unit['version']}{unit['target']}")
PYTHON
fi
