GET /api/v2/monitor/router/bgp/neighbors6?vdom=*
