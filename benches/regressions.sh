#!/usr/bin/env bash
# Fails when a figure is more than a tenth above the one in `benches/figures`: generated lines, allocations
# of the codec, the codec's time relative to serde derive, and the time to check one product relative to the
# same types with serde derive. Minutes on two cores.
#
#   benches/regressions.sh            compares
#   benches/regressions.sh --update   writes today's figures
set -euo pipefail
cd "$(dirname "$0")"
export CARGO_INCREMENTAL=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

echo "generated_lines $(find ../client/src/generated -name '*.rs' -exec cat {} + | wc -l)" >"$work/figures"

./codec.sh >"$work/codec"
cat "$work/codec"
awk 'NR > 1 {
    n++
    decode += log($(NF - 4)); encode += log($(NF - 2)); serialize += log($NF)
    split($(NF - 3), read, "/"); split($(NF - 1), written, "/")
    allocations += read[1] + written[1]
} END {
    printf "codec_allocations %d\ndecode_to_derive %.2f\nencode_to_derive %.2f\nserialize_to_derive %.2f\n",
        allocations, exp(decode / n), exp(encode / n), exp(serialize / n)
}' "$work/codec" >>"$work/figures"

# The types of the codec's products, by this client and by serde derive; the best of three each.
check() { # manifest, package, arguments
    cargo check -q --locked --manifest-path "$1" -p "$2" "${@:3}"
    for _ in 1 2 3; do
        touch "$source"
        /usr/bin/time -f '%U %S' -o "$work/time" \
            cargo check -q --locked --manifest-path "$1" -p "$2" "${@:3}" 2>/dev/null
        awk '{ print $1 + $2 }' "$work/time"
    done | sort -g | head -1
}
products=serde,marketing,merchant-service,pay,payscore,profitsharing,refund,webhook-transaction
source=../client/src/lib.rs
ours=$(check ../Cargo.toml wechatpay-client --no-default-features --features "$products")
source=peers/codec/src/main.rs
derived=$(check peers/Cargo.toml codec)
awk -v ours="$ours" -v derived="$derived" 'BEGIN { printf "check_to_derive %.2f\n", ours / derived }' >>"$work/figures"

if [ "${1:-}" = --update ]; then
    cp "$work/figures" figures
fi
status=0
while read -r name value; do
    now=$(awk -v name="$name" '$1 == name { print $2 }' "$work/figures")
    verdict=$(awk -v now="$now" -v value="$value" 'BEGIN { print now > value * 1.1 ? "WORSE" : "ok" }')
    printf '%-20s %10s, was %s: %s\n' "$name" "$now" "$value" "$verdict"
    [ "$verdict" = ok ] || status=1
done <figures
exit $status
