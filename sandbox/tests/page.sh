#!/bin/sh
# Uses the page in headless Chromium: pays an order with its button, waits for the live update, searches, pays
# an H5 order on a phone's screen. Fails when a field has no label, when the page is wider than its window, or
# when the browser reports an error.
#
# In: SANDBOX (the command; target/debug/wechatpay-sandbox), OUT (a folder for light.png, dark.png, narrow.png
# and payer.png; a new temporary one). Out: status 0; 77, skipped, without Chromium or openssl.
set -eu
chromium=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
if [ -z "$chromium" ] || ! command -v openssl >/dev/null || ! command -v python3 >/dev/null; then
    echo "skipped: needs chromium, openssl and python3"
    exit 77
fi
here=$(cd "$(dirname "$0")" && pwd)
OUT=${OUT:-$(mktemp -d)}
SANDBOX=${SANDBOX:-$here/../../target/debug/wechatpay-sandbox} OUT=$OUT CHROMIUM=$chromium \
    exec python3 "$here/page.py"
