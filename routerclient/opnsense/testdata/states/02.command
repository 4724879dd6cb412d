GET /api/quagga/diagnostics/bgpneighbors
