#!/bin/sh
# Builds and runs this package's examples as their readers would: README's from the text of README,
# beside a clone; that of Runs against a tagged version, fetched by git. The version is the working
# tree as it is, committed to a repository of its own.
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
tag=${version%.*}.$patch
tree tag --force "$tag" >/dev/null

# block N: README's Nth block of Swift in the section "From Swift".
block() {
  awk -v wanted="$1" '
    /^## / { isHere = $0 == "## From Swift" }
    /^```$/ { isWanted = 0 }
    isWanted
    isHere && /^```swift$/ { isWanted = ++number == wanted }
  ' "$root/README.md"
}

# What README shows lies beside a clone of the package, as README says.
reader=$scratch/reader
corridor=$reader/corridor
rm -rf "$corridor" "$scratch/runs"
mkdir -p "$corridor/Sources"
block 1 >"$corridor/Package.swift"
block 2 >"$corridor/Sources/main.swift"
[ -z "$(block 3)" ] || fail "README has more than two blocks of Swift in 'From Swift'"
for file in Package.swift Sources/main.swift; do
  diff -u "$root/Tests/Consumer/$file" "$corridor/$file" || fail "README differs from $file"
done
[ -d "$reader/deep-sarsa" ] || git clone --quiet "$repository" "$reader/deep-sarsa"
git -C "$reader/deep-sarsa" fetch --quiet --tags --force
git -C "$reader/deep-sarsa" checkout --quiet --force --detach "$tag"
cp -Rp "$root/Tests/Consumer/Runs" "$scratch/runs"

# build PACKAGE PRODUCT DEPENDENCIES: builds it, and expects exactly these to have been fetched.
build() {
  package=$1 product=$2 expected=$3
  set -- --package-path "$package" --scratch-path "$scratch/build-$product" \
    --security-path "$scratch/security" --quiet
  swift package "$@" config set-mirror --original https://example.org/deep-sarsa \
    --mirror "file://$repository" >/dev/null
  swift package "$@" update
  swift build "$@" --product "$product"
  fetched=
  if [ -f "$package/Package.resolved" ]; then
    fetched=$(sed -n 's/.*"identity" : "\(.*\)".*/\1/p' "$package/Package.resolved" | xargs)
  fi
  [ "$fetched" = "$expected" ] || fail "$product fetches '$fetched', not '$expected'"
  echo "$product fetches ${fetched:-nothing}"
}

build "$corridor" corridor ""
build "$scratch/runs" corridor-run "deep-sarsa swift-mustache yams"

program=$scratch/build-corridor/debug/corridor
run=$scratch/build-corridor-run/debug/corridor-run
said=$(cd "$corridor" && "$program")
echo "$said"
case $said in *" episodes of training; then 7.0 of 7 at most") ;; *) fail "it has not learned" ;; esac
"$run" "$scratch/run-folders"

ldd "$program" | grep Foundation && fail "corridor links Foundation"
ldd "$run" | grep -q libFoundation || fail "corridor-run does not link Foundation: this check is void"
echo "corridor links no Foundation"
manifest=$(swift package --package-path "$root" --scratch-path "$scratch/manifest" dump-package)
case $manifest in *unsafeFlags*) fail "a target has unsafe flags" ;; esac
echo "no target has unsafe flags"
