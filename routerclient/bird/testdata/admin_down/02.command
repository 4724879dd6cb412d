birdc -r -v show protocols all
