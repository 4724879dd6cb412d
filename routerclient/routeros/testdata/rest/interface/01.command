GET /rest/routing/bgp/connection?.proplist=name,remote.address,remote.as,as,vrf,listen,templates,disabled,inactive
