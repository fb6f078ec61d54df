#!/usr/bin/env bash
# Checks that the client compiles with each feature alone, and with none: one `cargo check` of the client for each,
# of the dependencies once. In the copy that `.ci/stage` makes: with the build script, cargo would compile the
# generator again for each feature.
set -euo pipefail
cd "$(dirname "$0")/../.."
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target/features}
stage=$CARGO_TARGET_DIR/stage
.ci/stage "$stage"
cd "$stage"
features=$(cargo metadata --no-deps --format-version 1 |
    python3 -c 'import json, sys
packages = json.load(sys.stdin)["packages"]
client = next(p for p in packages if p["name"] == "wechatpay-client")
print("\n".join(sorted(client["features"])))')
checked=0 failed=0 warned=0
check() {
    checked=$((checked + 1))
    if ! output=$(cargo check --locked -q --lib --no-default-features --features "$1" 2>&1); then
        failed=$((failed + 1))
        printf '== %s\n%s\n' "${1:-no feature}" "$(tail -n 20 <<<"$output")"
    elif [ -n "$output" ]; then
        warned=$((warned + 1))
        printf '== %s, warnings\n%s\n' "${1:-no feature}" "$(tail -n 20 <<<"$output")"
    fi
}
check ""
for feature in $features; do
    check "$feature"
done
echo "$checked checked, $failed failed, $warned with warnings"
[ "$((failed + warned))" = 0 ]
