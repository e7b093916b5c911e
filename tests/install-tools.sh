#!/usr/bin/env bash
# Installs the real programs that the tests need, if they are missing: Debian packages, as root.
# If that is not possible, the tests that need them report it and count as skipped.
set -euo pipefail

missing=()
need() { # command, package
  command -v "$1" >/dev/null || missing+=("$2")
}
need docker-registry docker-registry
# A Kubernetes cluster (tests/cluster); its other programs are built, which needs Go.
need etcd etcd-server
need containerd containerd
need runc runc
need ip iproute2
need iptables iptables
[ -x /usr/lib/cni/bridge ] || missing+=(containernetworking-plugins)
need skopeo skopeo
# For the pages of `catalog site`.
need chromium chromium
# Drawings of `catalog graph -o dot` are read by it.
need dot graphviz
need python3 python3
need openssl openssl
# Counts how often files are read.
need strace strace
python3 -c 'import yaml' 2>/dev/null || missing+=(python3-yaml)

[ ${#missing[@]} -gt 0 ] || exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  echo "not installed, and not to be installed without root and apt-get: ${missing[*]}" >&2
  exit 0
fi
echo "installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends "${missing[@]}" </dev/null
