GET /api/v2/monitor/router/bgp/neighbors?vdom=*
