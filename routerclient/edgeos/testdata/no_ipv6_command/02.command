/opt/vyatta/bin/vyatta-op-cmd-wrapper show bgp ipv6 summary
