#!/bin/sh
# Forced command for Peergate's account on a router that runs FRR. It runs the questions that Peergate asks, and nothing
# else, whatever the account could do with a shell.
#
# Install it writable by root only, give the account the group frrvty and no password, and put before its key in
# authorized_keys:
#
#	restrict,command="/etc/ssh/bgp-ro.sh"

export LC_ALL=C

name='[A-Za-z0-9._:%-]+'
question="show bgp (vrf all summary|(vrf $name )?(peer-group|neighbors $name)) json"

case "$SSH_ORIGINAL_COMMAND" in
*[!A-Za-z0-9._:%\"\ -]*)
	# A character that the shell, or vtysh, might take for more than itself; a line's end above all, since grep below
	# looks at each line alone.
	;;
*)
	printf '%s\n' "$SSH_ORIGINAL_COMMAND" | grep -Eqx "vtysh( -c \"$question\")+" &&
		exec /bin/sh -c "$SSH_ORIGINAL_COMMAND"
	;;
esac

echo "command not allowed" >&2
exit 77 # EX_NOPERM of sysexits.h
