GET /api/v2/cmdb/router/bgp?vdom=*
