#!/usr/bin/env bash
# What the generated code costs to compile, against the same structs with serde derive.
#
#   client/benches/compile.sh            the client alone: whole surface, and one product
#   client/benches/compile.sh --baseline also the same structs with serde derive (slow, and much memory)
#
# Dependencies are built first; times are user + system seconds of one `cargo check`, CARGO_INCREMENTAL=0.
set -euo pipefail
cd "$(dirname "$0")/../.."
export CARGO_INCREMENTAL=0
target=${CARGO_TARGET_DIR:-target}

measure() { # name, command…: prints seconds and peak memory
    local name=$1
    shift
    /usr/bin/time -f '%U %S %M' -o /tmp/compile-cost.$$ "$@" >/dev/null 2>&1
    awk -v name="$name" '{ printf "%-34s %6.1f s %6.2f GB\n", name, $1 + $2, $3 / 1048576; print $1 + $2, $3 > "/dev/stderr" }' \
        /tmp/compile-cost.$$ 2>"/tmp/compile-cost.$$.$name"
}

fresh() { touch client/src/lib.rs; }

cargo check -q --features full,blocking,axum
fresh && measure full cargo check -q --features full,blocking,axum
cargo check -q --no-default-features --features payscore
fresh && measure payscore cargo check -q --no-default-features --features payscore

if [ "${1:-}" = --baseline ]; then
    # The same structs and enumerations, with derives in place of the one-line lists.
    base=$(mktemp -d)
    mkdir -p "$base/src"
    cat >"$base/Cargo.toml" <<'TOML'
[package]
name = "baseline"
version = "0.0.0"
edition = "2024"
[dependencies]
serde = { version = "1", features = ["derive"] }
serde_json = "1"
[workspace]
TOML
    cp -r client/src/generated "$base/src/generated"
    find "$base/src/generated" -name '*.rs' -print0 | xargs -0 perl -0pi -e '
        s/^\s*(object|values|integers|init)!\(.*?\);\n//mg;
        s/^\s*events! \{.*?^\}\n//msg;
        s/^#\[cfg\(feature.*?\)\]\n//mg;
        s/#\[derive\(Clone\)\]/#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]/g;
        s/#\[derive\(Debug, Clone, PartialEq, Eq\)\]/#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]/g;
        s/^\s*impl \w+ \{\n(.*?\n)*?    \}\n//mg;
        s/^\s*pub static OPERATION.*?\};\n//msg;
        s/^pub fn .*?^\}\n//msg;
        s/^#\[deprecated[^\n]*\n(pub type)/$1/mg;
        s/^#\[deprecated[^\n]*\n//mg;
        s/^#\[doc\(alias[^\n]*\n(?!#\[derive|pub)//mg;
        s/^\/\/\/[^\n]*\n//mg;
        s/^impl \w+ \{\n.*?^\}\n//msg'
    cat >"$base/src/lib.rs" <<'RUST'
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
mod generated;
pub use generated::*;
RUST
    (cd "$base" && CARGO_TARGET_DIR=$base/target cargo check -q >/dev/null 2>&1 || true)
    (cd "$base" && touch src/lib.rs && CARGO_TARGET_DIR=$base/target measure derive cargo check -q)
    paste "/tmp/compile-cost.$$.full" "/tmp/compile-cost.$$.derive" |
        awk '{ printf "full / derive: time %.2f (bound 0.20), memory %.2f (bound 0.25)\n", $1 / $3, $2 / $4 }'
    rm -rf "$base"
fi
rm -f /tmp/compile-cost.$$*
