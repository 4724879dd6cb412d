:put [/system resource get version]
