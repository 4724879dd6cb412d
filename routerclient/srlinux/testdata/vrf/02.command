info with-context from state system information current-datetime | as json
