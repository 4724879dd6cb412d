#!/bin/sh
# Forced command for Peergate's account on a router that runs BIRD. It runs the questions that Peergate asks, and nothing
# else.
#
# Install it writable by root only, give the account the group bird and no password, and put before its key in
# authorized_keys:
#
#	restrict,command="/etc/ssh/bgp-ro.sh"
#
# BIRD 3 can also make a socket that takes no orders; the account then needs no group, and birdc the option -s:
#
#	cli "/run/bird/ro.ctl" { restrict; };

# sshd gives accounts a path without sbin, where birdc is.
PATH=/usr/sbin:/usr/bin:/sbin:/bin

case "$SSH_ORIGINAL_COMMAND" in
"birdc -r -v show protocols") exec birdc -r -v show protocols ;;
"birdc -r -v show protocols all") exec birdc -r -v show protocols all ;;
"birdc -r -v show status") exec birdc -r -v show status ;;
esac

echo "command not allowed" >&2
exit 77 # EX_NOPERM of sysexits.h
