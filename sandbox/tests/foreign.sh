#!/bin/sh
# Drives the sandbox with clients that others publish: foreign/run.sh. Needs the registries of Python, npm
# and Rust.
#
# Out: status 0 when every failure is known to be the client's own; 77, skipped, without python3 or node.
if ! command -v python3 >/dev/null || ! command -v npm >/dev/null; then
    echo "skipped: needs python3 and npm"
    exit 77
fi
exec "$(dirname "$0")/foreign/run.sh"
