info from state system information current-datetime | as json
