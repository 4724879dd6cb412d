show bgp neighbors | include "BGP neighbor is|Remote AS|Remote router ID|BGP state|dministratively shut|defaults to|For Address Family|accepted prefixes|Connections established|Last reset"
