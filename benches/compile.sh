#!/usr/bin/env bash
# What the generated code costs to compile, against the same structs with serde derive.
#
#   benches/compile.sh            the client: whole surface, one product, no product; and the
#                                        generator's share of a build after a page was edited (bound: 2 s)
#   benches/compile.sh --baseline also the same structs with serde derive (minutes, and 9 GB)
#
# Dependencies are built first; times are user + system seconds of one `cargo check`, CARGO_INCREMENTAL=0.
set -euo pipefail
cd "$(dirname "$0")/.."
export CARGO_INCREMENTAL=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

check() { # name, cargo check's arguments: the crate alone, its dependencies built
    local name=$1
    shift
    cargo check -q "$@"
    touch "$(dirname "${MANIFEST:-client/x}")/src/lib.rs"
    /usr/bin/time -f '%U %S %M' -o "$work/$name" cargo check -q "$@" 2>/dev/null
    awk -v name="$name" '{ printf "%-10s %6.1f s %6.2f GB\n", name, $1 + $2, $3 / 1048576 }' "$work/$name"
}

check full --features full,blocking,axum
check payscore --no-default-features --features payscore
check nothing --no-default-features

script=$(ls -t "${CARGO_TARGET_DIR:-target}"/debug/build/wechatpay-client-*/build-script-build | head -1)
mkdir "$work/out"
OUT_DIR=$work/out CARGO_MANIFEST_DIR=$PWD /usr/bin/time -f '%U %S %M' -o "$work/script" "$script" >/dev/null
awk '{ printf "generator  %6.1f s %6.2f GB\n", $1 + $2, $3 / 1048576 }' "$work/script"

if [ "${1:-}" = --baseline ]; then
    mkdir -p "$work/base/src"
    cat >"$work/base/Cargo.toml" <<'TOML'
[package]
name = "baseline"
version = "0.0.0"
edition = "2024"
[dependencies]
serde = { version = "1", features = ["derive"] }
serde_json = "1"
[workspace]
TOML
    cp Cargo.lock "$work/base"
    python3 benches/derive.py client/src/generated "$work/base/src/generated"
    cat >"$work/base/src/lib.rs" <<'RUST'
#![allow(warnings)]
pub type Decimal = String;
pub type Encrypted = String;
pub type Json = serde_json::Value;
pub type JsonText<T> = T;
pub type UrlEncoded<T> = T;
pub type Sealed<T> = T;
pub type Upload = String;
pub type Unknown = String;
pub type UnknownInteger = i64;
pub type Timestamp = String;
pub type OpenText = String;
mod generated;
pub use generated::*;
RUST
    export CARGO_TARGET_DIR=$work/target MANIFEST=$work/base/Cargo.toml
    check derive --manifest-path "$MANIFEST"
    paste -d ' ' "$work/full" "$work/derive" | awk '{
        printf "full / derive: time %.2f (aim 0.11), memory %.3f (aim 0.20)\n", ($1 + $2) / ($4 + $5), $3 / $6
    }'
    paste -d ' ' "$work/payscore" "$work/derive" | awk '{
        printf "payscore / derive: time %.4f \n", ($1 + $2) / ($4 + $5)
    }'
fi
