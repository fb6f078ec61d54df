#!/bin/sh
# Pays an order with the button of the page, in headless Chromium, and leaves a screenshot.
#
# In: SANDBOX (the command; target/debug/wechatpay-sandbox), OUT (a folder for page.png; a new temporary one).
# Out: status 0 and "paid" when the page shows the order as SUCCESS; 77, skipped, without Chromium or openssl.
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
