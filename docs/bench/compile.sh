#!/bin/sh
# The figures of docs/performance.md: `docs/bench/compile.sh [ROUNDS]`.
#
# All cases in turn, round after round, and of each the best round: what else
# the machine does can only add. Needs GNU time as /usr/bin/time.
set -eu
rounds=${1-5}
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
log=$work/log

mkdir -p "$work/k8s/src"
touch "$work/k8s/src/lib.rs"
cat >"$work/k8s/Cargo.toml" <<'TOML'
[package]
name = "yardstick"
version = "0.0.0"
edition = "2024"

[dependencies]
k8s-openapi = { version = "0.28", features = ["v1_34"] }

[profile.dev]
debug = "line-tables-only"
TOML

# measure NAME COMMAND …
measure() {
    name=$1
    shift
    /usr/bin/time --append --output "$log" --format "$name %U %e %M" "$@" >/dev/null
}

# compile NAME MANIFEST PACKAGE PROFILE COMMAND …
compile() {
    name=$1 manifest=$2 package=$3 profile=$4
    shift 4
    target=$work/target/$package
    cargo clean --quiet --manifest-path "$manifest" --target-dir "$target" \
        --package "$package" --profile "$profile"
    CARGO_INCREMENTAL=0 measure "$name" cargo "$@" --quiet --manifest-path "$manifest" \
        --target-dir "$target" --package "$package" --profile "$profile"
}

ours() {
    name=$1 profile=$2 features=$3
    shift 3
    compile "$name" Cargo.toml truenas-api "$profile" "$@" --features "$features"
}

yardstick() {
    name=$1 profile=$2
    shift 2
    compile "$name" "$work/k8s/Cargo.toml" k8s-openapi "$profile" "$@"
}

all_cases() {
    yardstick check-k8s dev check
    ours check-one dev v25_10 check
    ours check-all dev all check
    ours check-alone dev v25_10_2 check
    ours check-equal dev v25_10_2,v25_10_4 check
    yardstick release-k8s release build
    ours release-one release v25_10 build
    ours release-all release all build
    measure floor target/debug/examples/floor
    measure regen target/debug/xtask regen --out "$work/generated"
    rm -r "$work/generated"
}

cargo build --quiet --package xtask --bin xtask
cargo build --quiet --package truenas-codegen --example floor
all_cases # builds the dependencies
: >"$log"
round=0
while [ "$round" -lt "$rounds" ]; do
    all_cases
    round=$((round + 1))
done

echo "Best of $rounds rounds, $(nproc) cores, $(rustc --version)"
awk '
function better(best, value) { return best == "" || value < best ? value : best }
function ratio(what, a, b) {
    printf "| %s | %.2f | %.2f |\n", what, user[a] / user[b], wall[a] / wall[b]
}
{
    if (!($1 in user)) order[++count] = $1
    user[$1] = better(user[$1], $2)
    wall[$1] = better(wall[$1], $3)
    memory[$1] = better(memory[$1], $4)
}
END {
    print "\n| case | CPU, s | wall, s | peak memory, MB |\n|---|---|---|---|"
    for (i = 1; i <= count; i++) {
        name = order[i]
        printf "| %s | %.1f | %.1f | %.0f |\n", name, user[name], wall[name], memory[name] / 1024
    }
    print "\n| ratio | CPU | wall |\n|---|---|---|"
    ratio("check, one version : k8s-openapi", "check-one", "check-k8s")
    ratio("check, nine versions : one", "check-all", "check-one")
    ratio("check, two equal versions : one of them", "check-equal", "check-alone")
    ratio("release, one version : k8s-openapi", "release-one", "release-k8s")
    ratio("regen : its floor", "regen", "floor")
}' "$log"
