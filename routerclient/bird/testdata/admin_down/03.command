birdc -r -v show status
