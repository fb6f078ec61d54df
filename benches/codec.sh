#!/usr/bin/env bash
# The time and the allocations of decoding and encoding ten documents, as ratios to the same types with
# serde derive: `benches/codec.sh`. Times are medians taken in turns.
set -euo pipefail
cd "$(dirname "$0")/peers"
rm -rf codec/derived
python3 ../derive.py ../../client/src/generated codec/derived features
cargo run --release --locked -q -p codec
