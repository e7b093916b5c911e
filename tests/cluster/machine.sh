#!/usr/bin/env bash
# The first process of a machine of its own (see machine.rs), in new mount, network, process and host name namespaces: it
# makes a network and empty folders there, says "ready", and stays until its standard input is closed. Then the kernel
# ends everything in the namespaces and takes the mounts and interfaces away.
#
# usage: machine.sh <node name> <node address>/<prefix length> <cgroup> <shared folder>
set -euo pipefail
node=$1 address=$2 cgroup=$3 folder=$4

# What is mounted here must be seen by containers, as the kubelet expects, and by nobody else.
mount --make-rshared /
hostname "$node"

# The pods' bridge is the node's own interface too, and the way to Service addresses: there is nowhere else to go.
ip link set lo up
ip link add cni0 type bridge
ip address add "$address" dev cni0
ip link set cni0 up
ip route add default dev cni0
echo 1 >/proc/sys/net/ipv4/ip_forward

# All that the node writes is in memory.
mount -t tmpfs node "$folder"
for path in /run /var/lib /var/log; do mount -t tmpfs node "$path"; done
printf '127.0.0.1 localhost\n%s %s\n' "${address%/*}" "$node" >"$folder/hosts"
mount --bind "$folder/hosts" /etc/hosts
echo "nameserver ${address%/*}" >"$folder/resolv.conf"
mount --bind "$folder/resolv.conf" "$(readlink -f /etc/resolv.conf)"

# The kubelet wants these so, and would set them for the whole machine: it sees what it wants to see.
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

# The control group that the pods' are in. Version 1 has a tree for each controller, and CPU sets start empty.
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
# Bash collects the processes that lose their parents while it waits.
read -r _ || true
