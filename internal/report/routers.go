package report

import (
	"fmt"
	"io"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Routers are the routers of a cluster.
type Routers struct {
	Items []Router `json:"items"`
}

// RouterReport says how the routers are; names picks some, and none means all. missing is the first name that is none of
// a router.
func (c Cluster) RouterReport(names []string) (r Routers, missing string) {
	all := c.routers()
	if len(names) == 0 {
		return Routers{Items: all}, ""
	}
	r.Items = []Router{}
	for _, name := range names {
		found := false
		for _, router := range all {
			if router.Name == name {
				r.Items, found = append(r.Items, router), true
			}
		}
		if !found {
			return r, name
		}
	}
	return r, ""
}

// Healthy is true if every router answers.
func (r Routers) Healthy() bool {
	for _, router := range r.Items {
		if router.Reachable != metav1.ConditionTrue {
			return false
		}
	}
	return true
}

// Print writes the routers in one of the formats.
func (r Routers) Print(w io.Writer, v View) error {
	if ok, err := Encode(w, r, v.Format); ok {
		return err
	}
	if v.Format == FormatName {
		for _, router := range r.Items {
			if _, err := fmt.Fprintf(w, "%s/%s\n", resources["BGPRouter"], router.Name); err != nil {
				return err
			}
		}
		return nil
	}
	if len(r.Items) == 0 {
		_, err := fmt.Fprintln(w, "There is no BGPRouter.")
		return err
	}
	if err := routerTable(r.Items, v).Write(w); err != nil {
		return err
	}
	return r.printSilent(w, v)
}

// printSilent says what stands behind the reason of each router that does not answer.
func (r Routers) printSilent(w io.Writer, v View) error {
	gap := "\n"
	for _, router := range r.Items {
		u, silent := router.urgent()
		if !silent {
			continue
		}
		if _, err := io.WriteString(w, gap); err != nil {
			return err
		}
		if err := u.print(w, v); err != nil {
			return err
		}
		gap = ""
	}
	return nil
}
