#!/usr/bin/env bash
# Compiles a sample of the mutants that the generator accepts, all in one client:
#
#     codegen/tests/mutants.sh [FOLDER OF PAGES]
#
# MUTANTS (default 5000) mutants are made of the folder's pages, or of those of `specs/`; SAMPLE (default 300)
# of those that are accepted are compiled.
# Exit status 0: no panic, no lost row, and all that was accepted compiles.
set -euo pipefail
cd "$(dirname "$0")/../.."
root=$PWD work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

PAGES=${1:+$(realpath "$1")} MUTANTS=${MUTANTS:-5000} KEEP=$work/mutants \
    cargo test --release -p wechatpay-codegen --test mutants nothing -- --nocapture

# A copy of the workspace with the sample beside its own pages.
mkdir "$work/copy"
cp -r Cargo.toml Cargo.lock build.rs README.md client codegen sandbox specs "$work/copy"
cd "$work/mutants"
find . -name '*.md' -print0 | shuf -z -n "${SAMPLE:-300}" --random-source=<(yes) |
    xargs -0 cp --parents -t "$work/copy/specs"
cd "$work/copy"
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$root/target}
# All of the sample is in one client, so names that clash between two mutants are taken out first.
codegen() { cargo run --release -q -p wechatpay-codegen -- --specs specs "$@"; }
codegen check --format json | python3 -c '
import json, os, sys
pages = {found["page"] for found in json.load(sys.stdin)["diagnostics"] if found["severity"] == "error"}
for page in pages:
    os.remove("specs/" + page)
print(len(pages), "mutants clash with another and are left out")' || true
codegen generate >/dev/null
features=$(codegen ir | python3 -c '
import json, re, sys
mutants = [o for o in json.load(sys.stdin)["operations"] if re.search(r"/(m\d+/|M\d+\.|m\d+-)", o["page"])]
print(",".join(sorted({o["feature"] for o in mutants})))
print(len(mutants), "operations of mutants are compiled", file=sys.stderr)')
cargo check --no-default-features --features "serde,$features"
