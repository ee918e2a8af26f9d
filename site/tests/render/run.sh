#!/bin/sh
# Renders whole versions of `schemas/` as the documentation site does, reads the
# pages, and compares with what they were rendered from: `versions/` says which
# differences there are, all of which are things that pages do not say.
# Needs Python 3 with venv, and PyPI.
set -eu
cd "$(dirname "$0")/../../.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

example() {
    cargo run --quiet --package truenas-site --example "$@"
}

check() {
    version=$1
    renderer=$2
    python3 -m venv "$work/venv-$renderer"
    pip="$work/venv-$renderer/bin/pip --quiet --disable-pip-version-check"
    # What minifies the pages of 1.0.2 imports a module, even to be built, that
    # Python has no more.
    $pip install setuptools wheel 'legacy-cgi; python_version >= "3.13"'
    $pip install --no-build-isolation "json-schema-for-humans==$renderer" beautifulsoup4==4.12.3
    example inlined -- "schemas/$version.json" >"$work/$version.json"
    "$work/venv-$renderer/bin/python" site/tests/render/render.py \
        "$work/$version.json" "$work/$version"
    example compare -- "$work/$version" "schemas/$version.json" >"$work/$version.txt"
    diff -u "site/tests/render/versions/$version.txt" "$work/$version.txt"
    echo "$version, rendered by json-schema-for-humans $renderer, reads back as expected"
}

check v25.10.0 1.0.2
check v26.0.0 1.4.1
