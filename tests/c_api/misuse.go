// SPDX-License-Identifier: BSL-1.0

// Tests that misuse of the Go wrapper is an error or a panic, deletes nothing, and loses no report.
package main

import (
	"fmt"
	"strings"

	"pruneplan.example/pruneplan"
)

func require(is bool, what ...any) {
	if !is {
		panic(fmt.Sprintln(what...))
	}
}

func check(err error) { require(err == nil, err) }

func fails(err error, words string) {
	require(err != nil && strings.Contains(err.Error(), words), err, "has not", words)
}

func panics(words string, call func()) {
	defer func() {
		panicked := fmt.Sprint(recover())
		require(strings.Contains(panicked, words), panicked, "has not", words)
	}()
	call()
}

func planned() *pruneplan.Plan {
	listing, err := pruneplan.NewListing()
	check(err)
	defer listing.Close()
	check(listing.AddRecord("a:1", "sha256:a"))
	check(listing.AddRecord("b:1", "sha256:b"))
	options, err := pruneplan.NewOptions()
	check(err)
	defer options.Close()
	check(options.SetScope("unused"))
	plan, err := pruneplan.NewPlan(listing, options)
	check(err)
	return plan
}

func removed(name, target, survivor string) pruneplan.Outcome {
	return pruneplan.Outcome{Status: pruneplan.Removed}
}

func theZeroOutcomeIsAFailure() {
	plan := planned()
	defer plan.Close()
	var report pruneplan.Report
	for _, status := range []pruneplan.Status{0, pruneplan.Vetoed, pruneplan.Needed, pruneplan.Attached, 77} {
		remove := func(name, target, survivor string) pruneplan.Outcome { return pruneplan.Outcome{Status: status} }
		check(plan.Apply(pruneplan.Host{Remove: remove}, &report))
	}
	require(report.Count(pruneplan.Failed) == 10 && len(report.Steps) == 10, report)
}

func aPanicInACallbackContinuesAndKeepsTheReport() {
	plan := planned()
	defer plan.Close()
	var report pruneplan.Report
	panics("after", func() {
		check(plan.Apply(pruneplan.Host{Remove: removed, After: func(pruneplan.Step) { panic("after") }}, &report))
	})
	require(len(report.Untagged()) == 1 && report.Untagged()[0] == "a:1" && report.Cancelled, report)
	report = pruneplan.Report{}
	panics("nil pointer", func() { check(plan.Apply(pruneplan.Host{}, &report)) })
	require(report.Count(pruneplan.Failed) == 1 && len(report.Steps) == 1, report)
}

func aClosedHandleIsAnErrorOrAPanic() {
	listing, err := pruneplan.NewListing()
	check(err)
	options, err := pruneplan.NewOptions()
	check(err)
	plan := planned()
	for i := 0; i < 2; i++ {
		listing.Close()
		options.Close()
		plan.Close()
	}
	fails(listing.AddRecord("c:1", "sha256:c"), "the handle is NULL")
	fails(options.SetScope("unused"), "the handle is NULL")
	_, err = pruneplan.NewPlan(listing, nil)
	fails(err, "the handle is NULL")
	open, err := pruneplan.NewListing()
	check(err)
	defer open.Close()
	_, err = pruneplan.NewPlan(open, options)
	fails(err, "the options are closed")
	for _, use := range []func(){
		func() { plan.Records() },
		func() { plan.Decision(0) },
		func() { plan.Explain(0) },
		func() { plan.Doubts() },
		func() { plan.Count("unused") },
		func() { plan.Apply(pruneplan.Host{Remove: removed}, &pruneplan.Report{}) },
	} {
		panics("the plan is closed", use)
	}
}

func numbersAndWordsAreChecked() {
	plan := planned()
	defer plan.Close()
	panics("no record", func() { plan.Decision(-1) })
	panics("no record", func() { plan.Explain(2) })
	_, err := plan.Count("unprotcted")
	fails(err, `unknown word "unprotcted"`)
	err = plan.Apply(pruneplan.Host{Remove: removed, Accept: []string{"unmatched"}}, &pruneplan.Report{})
	fails(err, `unknown word "unmatched"`)
}

func main() {
	theZeroOutcomeIsAFailure()
	aPanicInACallbackContinuesAndKeepsTheReport()
	aClosedHandleIsAnErrorOrAPanic()
	numbersAndWordsAreChecked()
	require(pruneplan.LiveHandles() == 0, "a handle was not closed")
}
