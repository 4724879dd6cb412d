GET /api/quagga/diagnostics/bgpsummary
