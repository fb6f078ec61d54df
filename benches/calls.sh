#!/usr/bin/env bash
# Orders and notifications a second, latencies and allocations, beside wxpay-rs: `benches/calls.sh`.
set -euo pipefail
cd "$(dirname "$0")/peers"
cargo run --release --locked -q -p race
