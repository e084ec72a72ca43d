#!/bin/sh
# Builds and runs this sample as its author would: against a tagged version of the package, fetched
# by git. The version is the working tree as it is, committed to a repository of its own.
set -eu
# What developers set is not set for a user.
unset DEEP_SARSA_STRICT DEEP_SARSA_DOCS

root=$(cd "$(dirname "$0")/../.." && pwd)
scratch=$root/.build-consumer
repository=$scratch/deep-sarsa
machine=$root/Sources/Experiments/System/Machine.swift
version=$(sed -n 's/.*static let version = "\(.*\)"/\1/p' "$machine")

fail() {
  echo "consumer: $1" >&2
  exit 1
}

tree() {
  git --git-dir="$repository" --work-tree="$root" -c user.name=check -c user.email=check@localhost \
    -c commit.gpgsign=false "$@"
}

# SwiftPM never looks twice at a version that it has seen, so every change is a new patch.
[ -d "$repository" ] || git init --quiet --bare "$repository"
(cd "$root" && tree add --all)
tree diff --cached --quiet HEAD 2>/dev/null || tree commit --quiet --no-verify --message "A change"
patch=$(($(tree rev-list --count HEAD) - 1))
tree tag --force "${version%.*}.$patch" >/dev/null

rm -rf "$scratch/sample"
cp -Rp "$root/Tests/Consumer" "$scratch/sample"

# build PACKAGE PRODUCT DEPENDENCIES: builds it, and expects exactly these to have been fetched.
build() {
  package=$scratch/$1 product=$2 expected=$3
  set -- --package-path "$package" --scratch-path "$scratch/build-$product" \
    --security-path "$scratch/security" --quiet
  swift package "$@" config set-mirror --original https://example.org/deep-sarsa \
    --mirror "file://$repository" >/dev/null
  swift package "$@" update
  swift build "$@" --product "$product"
  fetched=$(sed -n 's/.*"identity" : "\(.*\)".*/\1/p' "$package/Package.resolved" | xargs)
  [ "$fetched" = "$expected" ] || fail "$product fetches '$fetched', not '$expected'"
  echo "$product fetches $fetched"
}

build sample corridor "deep-sarsa"
build sample/Runs corridor-run "deep-sarsa yams"

corridor=$scratch/build-corridor/debug/corridor
run=$scratch/build-corridor-run/debug/corridor-run
rm -rf "$scratch/runs"
"$corridor" "$scratch/corridor.safetensors"
"$run" "$scratch/runs"

ldd "$corridor" | grep Foundation && fail "corridor links Foundation"
ldd "$run" | grep -q libFoundation || fail "corridor-run does not link Foundation: this check is void"
echo "corridor links no Foundation"
manifest=$(swift package --package-path "$root" dump-package)
case $manifest in *unsafeFlags*) fail "a target has unsafe flags" ;; esac
echo "no target has unsafe flags"
