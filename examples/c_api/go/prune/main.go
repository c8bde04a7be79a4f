// SPDX-License-Identifier: BSL-1.0

// Plans and applies a prune of a small store, in Go.
package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"pruneplan.example/pruneplan"
)

func digest(digit string) string { return "sha256:" + strings.Repeat(digit, 64) }

type image struct {
	name, target string
	size         uint64
}

// store is the host's own. A removed image has no name.
type store []image

func (s store) find(name, target string) *image {
	for i := range s {
		if s[i].name == name && s[i].target == target {
			return &s[i]
		}
	}
	return nil
}

// remove: a daemon does this in one transaction.
func (s store) remove(_ context.Context, name, target, survivor string) pruneplan.Outcome {
	if survivor != "" && s.find(survivor, target) == nil {
		return pruneplan.Outcome{Status: pruneplan.SurvivorGone}
	}
	found := s.find(name, target)
	if found == nil {
		return pruneplan.Outcome{Status: pruneplan.Changed}
	}
	found.name = ""
	return pruneplan.Outcome{Status: pruneplan.Removed}
}

func plan(s store) (*pruneplan.Plan, error) {
	listing, err := pruneplan.NewListing()
	if err != nil {
		return nil, err
	}
	defer listing.Close()
	for i, image := range s {
		if err := listing.AddRecord(image.name, image.target); err != nil {
			return nil, err
		}
		if err := listing.AddBlob(i, image.target, image.size); err != nil {
			return nil, err
		}
	}
	if err := listing.AddContainer(digest("a"), "aaaaaaaaaaaa"); err != nil {
		return nil, err
	}
	if err := listing.AddContainer(digest("b"), "postgres:16"); err != nil {
		return nil, err
	}
	options, err := pruneplan.NewOptions()
	if err != nil {
		return nil, err
	}
	defer options.Close()
	if err := options.SetScope("unused"); err != nil {
		return nil, err
	}
	for _, pattern := range []string{"ghcr.io/team/tools", "ghcr.io/team/base"} {
		if err := options.AddKeep(pattern); err != nil {
			return nil, err
		}
	}
	return pruneplan.NewPlan(listing, options)
}

func run() error {
	images := store{
		{"docker.io/library/alpine:3.20", digest("a"), 8}, {"docker.io/library/alpine:latest", digest("a"), 8},
		{"docker.io/library/postgres:16", digest("b"), 400}, {"ghcr.io/team/app:1", digest("c"), 50},
		{"ghcr.io/team/app:2", digest("d"), 60}, {"ghcr.io/team/tools:1", digest("e"), 30},
	}
	plan, err := plan(images)
	if err != nil {
		return err
	}
	defer plan.Close()
	for _, decision := range plan.Decisions() {
		action := "keep  "
		if decision.Deletes {
			action = "delete"
		}
		fmt.Printf("%s  %s: %s\n", action, decision.Name, decision.Reason)
	}
	for _, doubt := range plan.Doubts() {
		fmt.Println("doubt:", doubt)
	}
	fmt.Println("plan:", plan.Summary())

	// The store changes after the plan: this name points at another image now, and is kept.
	images[4].target = digest("e")
	var report pruneplan.Report
	err = plan.Apply(context.Background(), pruneplan.Host{Remove: images.remove, After: func(step pruneplan.Step) {
		fmt.Printf("%s: %s\n", step.Status, step.Name)
	}}, &report)
	for _, step := range report.Steps {
		if step.Status == pruneplan.Removed {
			fmt.Println("untagged:", step.Familiar)
		}
		if step.ImageDeleted {
			fmt.Println("deleted:", step.Target)
		}
	}
	fmt.Printf("reclaimed: %d bytes\n", report.SpaceReclaimed)
	return err
}

func main() {
	err := run()
	if err == nil && pruneplan.LiveHandles() != 0 {
		err = fmt.Errorf("%d handles were not closed", pruneplan.LiveHandles())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
