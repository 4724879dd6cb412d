package controlplane

import (
	"context"
	"errors"
	"fmt"
	"os"
)

// Main runs the tests of a package against one Cluster and returns the exit code:
//
//	var cluster *controlplane.Cluster
//
//	func TestMain(m *testing.M) {
//		os.Exit(controlplane.Main(m, controlplane.Options{}, func(ctx context.Context, c *controlplane.Cluster) error {
//			cluster = c
//			return c.StartScheduler(ctx)
//		}))
//	}
//
// A component that ended by itself fails the package even where no test noticed.
func Main(tests interface{ Run() int }, options Options, prepare func(context.Context, *Cluster) error) int {
	ctx := context.Background()
	cluster, err := Start(ctx, options)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	code := 1
	if err = prepare(ctx, cluster); err == nil {
		code = tests.Run()
	}
	if err := errors.Join(err, cluster.Stop()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return max(code, 1)
	}
	return code
}
