#!/usr/bin/env bash
# Lints the OpenAPI description of the control API with redocly. Needs npm's registry.
#
# In: SANDBOX (the command; target/debug/wechatpay-sandbox). Out: status 0 when redocly finds no error; 77,
# skipped, without npx or curl.
set -euo pipefail
if ! command -v npx >/dev/null || ! command -v curl >/dev/null; then
    echo "skipped: needs npx and curl"
    exit 77
fi
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
"${SANDBOX:-$here/../../target/debug/wechatpay-sandbox}" serve >"$work/config.json" &
sandbox=$!
trap 'kill $sandbox; rm -rf "$work"' EXIT
for _ in $(seq 100); do [ -s "$work/config.json" ] && break; sleep 0.1; done
url=$(sed -n 's/.*"url": *"\([^"]*\)".*/\1/p' "$work/config.json")
curl -sSf "$url/control/openapi.json" -o "$work/openapi.json"
cd "$work"
npx --yes @redocly/cli@2 lint openapi.json
