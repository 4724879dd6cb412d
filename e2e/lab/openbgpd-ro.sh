#!/bin/sh
# Forced command for Peergate's account on a router that runs OpenBGPD. It runs the question that Peergate asks, and
# nothing else, over a socket that takes no orders, so that the account needs no rights. In bgpd.conf:
#
#	socket "/run/openbgpd/bgpd.rsock" restricted
#
# Install it writable by root only, give the account no password, and put before its key in authorized_keys:
#
#	restrict,command="/etc/ssh/bgp-ro.sh"

# sshd gives accounts a path without sbin, where bgpctl is.
PATH=/usr/sbin:/usr/bin:/sbin:/bin

case "$SSH_ORIGINAL_COMMAND" in
"bgpctl -j show neighbor") exec bgpctl -s /run/openbgpd/bgpd.rsock -j show neighbor ;;
esac

echo "command not allowed" >&2
exit 77 # EX_NOPERM of sysexits.h
