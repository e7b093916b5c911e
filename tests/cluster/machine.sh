#!/usr/bin/env bash
# The first process of a separate machine (see machine.rs), in new mount, network, process and host name namespaces: it
# creates a network and empty folders there, prints "ready", and stays until its standard input is closed. Then the kernel
# ends everything in the namespaces and removes the mounts and interfaces.
#
# usage: machine.sh <node name> <node address>/<prefix length> <cgroup> <shared folder>
set -euo pipefail
node=$1 address=$2 cgroup=$3 folder=$4

# Mounts made here must be visible to containers, as the kubelet expects, and to nobody else.
mount --make-rshared /
hostname "$node"

# The pods' bridge is also the node's own interface, and the route to Service addresses: there is no other network.
ip link set lo up
ip link add cni0 type bridge
ip address add "$address" dev cni0
ip link set cni0 up
ip route add default dev cni0
echo 1 >/proc/sys/net/ipv4/ip_forward

# Everything that the node writes is in memory.
mount -t tmpfs node "$folder"
for path in /run /var/lib /var/log; do mount -t tmpfs node "$path"; done
printf '127.0.0.1 localhost\n%s %s\n' "${address%/*}" "$node" >"$folder/hosts"
mount --bind "$folder/hosts" /etc/hosts
echo "nameserver ${address%/*}" >"$folder/resolv.conf"
mount --bind "$folder/resolv.conf" "$(readlink -f /etc/resolv.conf)"

# The kubelet expects these values, and would set them for the whole machine: it sees them here.
while read -r setting value; do
  echo "$value" >"$folder/${setting##*/}"
  mount --bind "$folder/${setting##*/}" "/proc/sys/$setting"
done <<'SETTINGS'
vm/overcommit_memory 1
vm/panic_on_oom 0
kernel/panic 10
kernel/panic_on_oops 1
kernel/keys/root_maxkeys 1000000
kernel/keys/root_maxbytes 25000000
SETTINGS

# The control group of the pods. Version 1 has a tree for each controller, and CPU sets start empty.
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
  mkdir "/sys/fs/cgroup/$cgroup"
else
  for tree in /sys/fs/cgroup/*/; do
    mkdir "$tree/$cgroup"
    for file in cpuset.mems cpuset.cpus; do
      [ ! -e "$tree/$file" ] || cat "$tree/$file" >"$tree/$cgroup/$file"
    done
  done
fi

echo ready
# Bash reaps orphaned processes while it waits.
read -r _ || true
