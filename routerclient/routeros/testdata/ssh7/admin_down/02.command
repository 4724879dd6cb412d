:put [:serialize to=json value=[/routing/bgp/connection/print as-value]]; :put [:serialize to=json value=[/routing/bgp/session/print as-value]]
