#!/bin/sh
# Forced command for Peergate's account on a router that runs GoBGP. It runs the questions that Peergate asks, and
# nothing else. gobgpd obeys everyone who reaches its port: let it listen on 127.0.0.1 only (--api-hosts).
#
# Install it writable by root only, give the account no password, and put before its key in authorized_keys:
#
#	restrict,command="/etc/ssh/bgp-ro.sh"

case "$SSH_ORIGINAL_COMMAND" in
"gobgp -j global") exec gobgp -j global ;;
"gobgp -j neighbor") exec gobgp -j neighbor ;;
"gobgp neighbor") exec gobgp neighbor ;;
esac

echo "command not allowed" >&2
exit 77 # EX_NOPERM of sysexits.h
