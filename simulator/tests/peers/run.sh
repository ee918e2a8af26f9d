#!/bin/sh
# Lets clients that nobody here wrote use a simulator. Needs Python 3 with venv,
# and PyPI. SIMULATOR names the program if it is built already.
set -eu
cd "$(dirname "$0")/../../.."

work=$(mktemp -d)
simulator=
# A key has 64 letters and digits to be taken for one.
key=1-$(printf "%064d" 7)
trap 'kill $simulator 2>/dev/null || true; rm -rf "$work"' EXIT

python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check pytruenas==0.7.1

binary=${SIMULATOR-}
if [ -z "$binary" ]; then
    cargo build --quiet --package truenas-simulator
    binary=${CARGO_TARGET_DIR:-target}/debug/truenas-simulator
fi
"$binary" --wss 127.0.0.1:0 --ws 127.0.0.1:0 --certificate "$work/certificate.pem" \
    --user peer --password secret --api-key "$key" "$@" >"$work/printed" &
simulator=$!

# What it prints last says that it is ready.
for _ in $(seq 100); do
    grep -q Ctrl-C "$work/printed" && break
    sleep 0.1
done
url=$(awk '$1 == "wss" { print $2 }' "$work/printed")
"$work/venv/bin/python" simulator/tests/peers/pytruenas_peer.py \
    "$url" "$work/certificate.pem" peer secret "$key"
