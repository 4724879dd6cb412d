:put ("# peers " . [:len [/routing bgp peer find]]); /routing bgp peer print status without-paging; :put "# instances"; /routing bgp instance print detail without-paging; :put "# end"
