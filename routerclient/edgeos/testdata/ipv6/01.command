/opt/vyatta/bin/vyatta-op-cmd-wrapper show ip bgp summary
