#!/bin/sh
# Renders whole versions of `schemas/` as the documentation site does, serves
# them, fetches them, and compares with what they were rendered from: `versions/`
# says what differs: what pages do not say, of which less is left with what
# `core.get_methods` of a simulator says.
# Needs Python 3 with venv, and PyPI. XTASK and SIMULATOR name the programs if
# they are built already.
set -eu
cd "$(dirname "$0")/../../.."

work=$(mktemp -d)
running=
trap 'kill $running 2>/dev/null || true; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

binary() {
    cargo build --quiet --package "$1"
    echo "${CARGO_TARGET_DIR:-target}/debug/$1"
}

xtask=$(realpath "${XTASK:-$(binary xtask)}")
simulator=$(realpath "${SIMULATOR:-$(binary truenas-simulator)}")

# Waits until a program has printed something.
await() {
    for _ in $(seq 100); do
        grep -qs "$2" "$work/$1" && return
        sleep 0.1
    done
    echo "$1 has not printed \"$2\" in 10 s" >&2
    exit 1
}

# The sites, on a port that the system chooses.
mkdir "$work/sites"
python3 -u -m http.server --bind 127.0.0.1 --directory "$work/sites" 0 >"$work/server" 2>"$work/requests" &
running=$!
await server Serving
port=$(sed 's/.* port \([0-9]*\) .*/\1/' "$work/server")

# Fetches a version into a folder, from the server and from what else is named,
# and says how that ended and what differs from what it was rendered from.
fetch() {
    version=$1
    schemas=$2
    shift 2
    ended=0
    "$xtask" fetch --version "$version" --base-url "http://127.0.0.1:$port/" \
        --schemas "$work/$schemas" --cache "$work/cache" --site "$@" >"$work/said" 2>&1 || ended=$?
    if [ "$ended" != 0 ] && [ "$ended" != 3 ]; then
        cat "$work/said" >&2
        exit 1
    fi
    echo "fetch ended with $ended"
    grep ^missing "$work/said" || true
    (cd "$work" && "$xtask" verify "$version" --schemas "$schemas" --against "$version.json") ||
        [ $? = 1 ]
}

check() {
    version=$1
    folder=$2
    renderer=$3
    dump=$work/$version.json

    python3 -m venv "$work/venv-$renderer"
    pip="$work/venv-$renderer/bin/pip --quiet --disable-pip-version-check"
    # What minifies the pages of 1.0.2 imports a module, even to be built, that
    # Python has no more.
    $pip install setuptools wheel 'legacy-cgi; python_version >= "3.13"'
    $pip install --no-build-isolation "json-schema-for-humans==$renderer" beautifulsoup4==4.12.3
    cargo run --quiet --package truenas-site --example inlined -- "schemas/$version.json" >"$dump"
    "$work/venv-$renderer/bin/python" site/tests/render/render.py "$dump" "$work/sites/$folder"

    fetch "$version" pages >"$work/pages.txt"

    # The zip gives the same.
    (cd "$work/sites/$folder" && python3 -m zipfile -c "truenas-$folder-docs.zip" index.html _sources)
    fetch "$version" zip >"$work/zip.txt"
    cmp "$work/pages/$version.json" "$work/zip/$version.json"

    "$simulator" --api "$version" --wss 127.0.0.1:0 --ws 127.0.0.1:0 \
        --certificate "$work/certificate.pem" --user admin --password secret >"$work/system-$version" &
    running="$running $!"
    await "system-$version" Ctrl-C
    host=$(awk -F/ '$1 ~ /wss/ { print $3 }' "$work/system-$version")
    TRUENAS_PASSWORD=secret fetch "$version" both \
        --host "$host" --user admin --ca-file "$work/certificate.pem" >"$work/both.txt"

    (echo "Pages alone"; cat "$work/pages.txt"; echo; echo "Pages and core.get_methods"; cat "$work/both.txt") \
        >"$work/found.txt"
    diff -u "site/tests/render/versions/$version.txt" "$work/found.txt"
    echo "$version, rendered by json-schema-for-humans $renderer, is fetched as expected"
}

check v25.10.0 v25.10.0 1.0.2
check v26.0.0 v26.0 1.4.1
