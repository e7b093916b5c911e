#!/usr/bin/env bash
# Builds the named programs of a cluster (without names: kube-apiserver) from their published Go modules, which go.mod
# beside this file pins, into target/cluster/bin. What is up to date is left as it is.
#
# Exit status: 0 built or up to date, 1 the build failed, 3 there is no Go toolchain here that can build it.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$(dirname "$here")")
bin=${CARGO_TARGET_DIR:-$root/target}/cluster/bin
[ $# -gt 0 ] || set -- kube-apiserver

command -v go >/dev/null || { echo "Go is not installed" >&2; exit 3; }
cd "$here"
export GOFLAGS='-buildvcs=false -trimpath -mod=readonly' GOTOOLCHAIN=local CGO_ENABLED=0
# With GOTOOLCHAIN=local an older Go says here that go.mod asks for a newer one.
toolchain=$(go env GOVERSION GOOS GOARCH 2>&1) && go list -m >/dev/null || { echo "Go cannot build it: $toolchain" >&2; exit 3; }

mkdir -p "$bin"
exec 9>"$bin/.lock"
flock 9
stamp=$(printf '%s\n' "$toolchain" | cat - go.mod go.sum build.sh */*.go | sha256sum | cut -d' ' -f1)
missing=()
for program in "$@"; do
  [ -x "$bin/$program" ] && [ "$(cat "$bin/.$program.stamp" 2>/dev/null)" = "$stamp" ] || missing+=("$program")
done
[ ${#missing[@]} -gt 0 ] || exit 0

version=$(go list -m -f '{{.Version}}' k8s.io/kubernetes)
minor=${version#v1.}
at=k8s.io/component-base/version
flags="-s -w -X $at.gitVersion=$version -X $at.gitMajor=1 -X $at.gitMinor=${minor%%.*}"
echo "building ${missing[*]} for Kubernetes $version: minutes, once" >&2
packages=()
for program in "${missing[@]}"; do
  if [ -d "$program" ]; then packages+=("./$program"); else packages+=("k8s.io/kubernetes/cmd/$program"); fi
done
# Into a folder of its own, then renamed: a build that is stopped leaves no half a program.
mkdir -p "$bin/.new"
go build -p 2 -ldflags "$flags" -o "$bin/.new/" "${packages[@]}" 9>&-
for program in "${missing[@]}"; do
  mv "$bin/.new/$program" "$bin/$program"
  echo "$stamp" >"$bin/.$program.stamp"
done
