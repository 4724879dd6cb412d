birdc -r -v show protocols
