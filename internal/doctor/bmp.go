package doctor

import "fmt"

// bmp looks for routers that should tell of their sessions by themselves, and do not. They are asked all the same.
func bmp(f Facts) ([]Finding, error) {
	status, err := f.Status.Get()
	if err != nil {
		return nil, err
	}
	var found []Finding
	for _, r := range status.Routers {
		if r.BMP != "" && !r.BMPConnected {
			found = append(found, Finding{
				Level: Warning, Message: fmt.Sprintf("router %s does not tell of its sessions by itself (%s): changes are seen when it is asked next", r.Name, r.BMP),
				Fix: "See the router's BMP station, and the way from there to the manager.", Commands: []string{"kubectl describe bgprouter " + r.Name},
			})
		}
	}
	return found, nil
}
