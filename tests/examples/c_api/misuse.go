// SPDX-License-Identifier: BSL-1.0

// Tests that misuse of the Go wrapper is an error or a panic, deletes nothing, and loses no report.
package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"strings"
	"sync"
	"time"

	"pruneplan.example/pruneplan"
)

var background = context.Background()

func require(is bool, what ...any) {
	if !is {
		panic(fmt.Sprintln(what...))
	}
}

func check(err error) { require(err == nil, err) }

func fails(err, code error, words string) {
	require(errors.Is(err, code), err, "is not", code)
	require(strings.Contains(err.Error(), words), err, "has not", words)
}

func panics(words string, call func()) {
	defer func() {
		panicked := fmt.Sprint(recover())
		require(strings.Contains(panicked, words), panicked, "has not", words)
	}()
	call()
}

func listed() *pruneplan.Listing {
	listing, err := pruneplan.NewListing()
	check(err)
	check(listing.AddRecord("a:1", "sha256:a"))
	check(listing.AddRecord("b:1", "sha256:b"))
	return listing
}

func unused() *pruneplan.Options {
	options, err := pruneplan.NewOptions()
	check(err)
	check(options.SetScope("unused"))
	return options
}

func planned() *pruneplan.Plan {
	listing, options := listed(), unused()
	defer listing.Close()
	defer options.Close()
	plan, err := pruneplan.NewPlan(listing, options)
	check(err)
	return plan
}

func returns(outcome pruneplan.Outcome) pruneplan.Host {
	return pruneplan.Host{Remove: func(_ context.Context, _, _, _ string) pruneplan.Outcome { return outcome }}
}

func removes() pruneplan.Host { return returns(pruneplan.Outcome{Status: pruneplan.Removed}) }

func theZeroOutcomeIsAFailure() {
	plan := planned()
	defer plan.Close()
	var report pruneplan.Report
	for _, status := range []pruneplan.Status{0, pruneplan.Vetoed, pruneplan.Needed, pruneplan.Attached, 77} {
		check(plan.Apply(background, returns(pruneplan.Outcome{Status: status}), &report))
	}
	require(report.Count(pruneplan.Failed) == 10 && len(report.Steps) == 10, report)
	require(report.Steps[0].Err == nil, report)
	require(strings.HasPrefix(report.Steps[9].Err.Error(), "invalid status 77"), report)
}

func aStepHasTheErrorOfTheStore() {
	plan := planned()
	defer plan.Close()
	var report pruneplan.Report
	var after []error
	host := returns(pruneplan.Outcome{Err: fmt.Errorf("the store is closed: %w", fs.ErrClosed)})
	host.After = func(step pruneplan.Step) { after = append(after, step.Err) }
	check(plan.Apply(background, host, &report))
	require(len(after) == 2 && len(report.Steps) == 2, after, report)
	for i, step := range report.Steps {
		require(errors.Is(step.Err, fs.ErrClosed) && errors.Is(after[i], fs.ErrClosed), step)
	}
}

func anErrorHasACodeAndIsFoundInAWrappedError() {
	plan := planned()
	defer plan.Close()
	_, err := plan.Count("unprotcted")
	fails(err, pruneplan.ErrInvalidArgument, `unknown word "unprotcted"`)
	err = fmt.Errorf("pruning: %w", err)
	fails(err, &pruneplan.Error{Code: "invalid_argument"}, "unknown word")
	require(!errors.Is(err, pruneplan.ErrDoubtfulPlan), err)
	var found *pruneplan.Error
	require(errors.As(err, &found) && found.Code == "invalid_argument", err)

	options, listing := unused(), listed()
	defer options.Close()
	defer listing.Close()
	fails(options.AddFilter("untill=1h", time.Now()), pruneplan.ErrUnknownFilter, "untill")
	fails(options.AddKeep("[a"), pruneplan.ErrBadPattern, "[a")
	check(options.SetBytesToFree(-1))
	_, err = pruneplan.NewPlan(listing, options)
	fails(err, pruneplan.ErrBadOption, "")
	check(listing.AddRecord("a:1", "sha256:b"))
	_, err = pruneplan.NewPlan(listing, nil)
	fails(err, pruneplan.ErrDuplicateName, "a:1")
}

func anUnknownTimeIsNotAnOldOne() {
	listing, options := listed(), unused()
	defer listing.Close()
	defer options.Close()
	var unknown time.Time
	fails(listing.SetCreated(0, unknown), pruneplan.ErrInvalidArgument, "zero value")
	fails(listing.SetLastUsed(0, unknown), pruneplan.ErrInvalidArgument, "zero value")
	fails(options.AddFilter("until=1h", unknown), pruneplan.ErrInvalidArgument, "zero value")
	fails(options.SetKeepYoungerThan(unknown), pruneplan.ErrInvalidArgument, "zero value")
	fails(options.SetDeleteUnusedBefore(unknown), pruneplan.ErrInvalidArgument, "zero value")
	// A time before 1970 has nanoseconds from 0 to 999,999,999, too.
	check(listing.SetCreated(0, time.Unix(-5, -7)))
	check(listing.SetCreated(1, time.Now()))
	check(options.AddFilter("until=1h", time.Now()))
	plan, err := pruneplan.NewPlan(listing, options)
	check(err)
	defer plan.Close()
	require(plan.Decision(0).Deletes && !plan.Decision(1).Deletes, plan.Decisions())
}

func aDoubtfulPlanRemovesNothing() {
	listing, options := listed(), unused()
	defer listing.Close()
	defer options.Close()
	check(listing.AddContainer("sha256:c", "c:1"))
	plan, err := pruneplan.NewPlan(listing, options)
	check(err)
	defer plan.Close()
	host := removes()
	var report pruneplan.Report
	fails(plan.Apply(background, host, &report), pruneplan.ErrDoubtfulPlan, "")
	host.Accept = []string{"unmatched"}
	fails(plan.Apply(background, host, &report), pruneplan.ErrInvalidArgument, `unknown word "unmatched"`)
	require(len(report.Steps) == 0, report)
	host.Accept = []string{"unmatched_container"}
	check(plan.Apply(background, host, &report))
	require(report.Count(pruneplan.Removed) == 2, report)
}

// A panic of the host, with a value that is not a text.
type thrown struct{ callback string }

func aPanicPassesWithItsValueAndTheReportIsKept() {
	plan := planned()
	defer plan.Close()
	for callback, steps := range map[string]int{"Remove": 2, "Before": 2, "After": 2, "ShouldStop": 1} {
		throws := func(in string, reached bool) {
			if in == callback && reached {
				panic(&thrown{callback})
			}
		}
		calls := 0
		host := pruneplan.Host{
			Remove: func(_ context.Context, name, _, _ string) pruneplan.Outcome {
				throws("Remove", name == "b:1")
				return pruneplan.Outcome{Status: pruneplan.Removed}
			},
			Before: func(d pruneplan.Decision) bool { throws("Before", d.Name == "b:1"); return true },
			After:  func(s pruneplan.Step) { throws("After", s.Name == "b:1") },
			ShouldStop: func() bool {
				calls++
				throws("ShouldStop", calls == 2)
				return false
			},
		}
		var report pruneplan.Report
		func() {
			defer func() {
				value, is := recover().(*thrown)
				require(is && value.callback == callback, callback)
			}()
			check(plan.Apply(background, host, &report))
		}()
		require(len(report.Steps) == steps && report.Steps[0].Status == pruneplan.Removed, callback, report)
		require(callback == "After" || report.Count(pruneplan.Removed) == 1, callback, report)
	}
}

func goexitInACallbackKeepsTheReport() {
	plan := planned()
	defer plan.Close()
	var report pruneplan.Report
	var ended sync.WaitGroup
	ended.Add(1)
	go func() {
		defer ended.Done()
		host := removes()
		host.After = func(pruneplan.Step) { runtime.Goexit() }
		check(plan.Apply(background, host, &report))
	}()
	ended.Wait()
	require(report.Count(pruneplan.Removed) == 1, report)
}

func aCancelledContextEndsTheRunAndKeepsTheReport() {
	plan := planned()
	defer plan.Close()
	var report pruneplan.Report
	ctx, cancel := context.WithCancel(background)
	host := removes()
	host.After = func(pruneplan.Step) { cancel() }
	err := plan.Apply(ctx, host, &report)
	require(err == context.Canceled && report.Cancelled && len(report.Steps) == 1, err, report)
	require(report.Untagged()[0] == "a:1", report)

	// A context that is cancelled before, and one that is cancelled after the last step.
	err = plan.Apply(ctx, host, &report)
	require(err == context.Canceled && len(report.Steps) == 1, err, report)
	ctx, cancel = context.WithCancel(background)
	host.After = func(step pruneplan.Step) {
		if step.Name == "b:1" {
			cancel()
		}
	}
	report = pruneplan.Report{}
	check(plan.Apply(ctx, host, &report))
	require(!report.Cancelled && len(report.Steps) == 2, report)

	// Remove gets the context. ShouldStop is no error.
	type key struct{}
	ctx, cancel = context.WithTimeout(context.WithValue(background, key{}, 7), time.Hour)
	defer cancel()
	host = removes()
	host.Remove = func(ctx context.Context, _, _, _ string) pruneplan.Outcome {
		require(ctx.Value(key{}) == 7)
		return pruneplan.Outcome{}
	}
	check(plan.Apply(ctx, host, &report))
	host.ShouldStop = func() bool { return true }
	check(plan.Apply(ctx, host, &report))
	require(report.Cancelled, report)
	ctx, cancel = context.WithDeadline(background, time.Unix(0, 0))
	defer cancel()
	require(plan.Apply(ctx, host, &report) == context.DeadlineExceeded)
}

func useAfterClosePanics() {
	listing, options, plan := listed(), unused(), planned()
	for i := 0; i < 2; i++ {
		listing.Close()
		options.Close()
		plan.Close()
	}
	(&pruneplan.Listing{}).Close()
	(&pruneplan.Options{}).Close()
	(&pruneplan.Plan{}).Close()
	open := listed()
	defer open.Close()
	for _, use := range []func(){
		func() { listing.AddRecord("c:1", "sha256:c") },
		func() { listing.SetCreated(0, time.Now()) },
		func() { listing.Records() },
		func() { listing.Containers() },
		func() { pruneplan.NewPlan(listing, nil) },
		func() { (&pruneplan.Listing{}).AddContainer("", "") },
	} {
		panics("pruneplan: the listing is closed", use)
	}
	for _, use := range []func(){
		func() { options.SetScope("unused") },
		func() { pruneplan.NewPlan(open, options) },
		func() { (&pruneplan.Options{}).AddKeep("a") },
	} {
		panics("pruneplan: the options are closed", use)
	}
	for _, use := range []func(){
		func() { plan.Records() },
		func() { plan.Decision(0) },
		func() { plan.Decisions() },
		func() { plan.Explain(0) },
		func() { plan.Doubts() },
		func() { plan.Count("unused") },
		func() { plan.Apply(background, removes(), &pruneplan.Report{}) },
		func() { (&pruneplan.Plan{}).Summary() },
	} {
		panics("pruneplan: the plan is closed", use)
	}
	// After the panics, no lock is held.
	check(open.AddRecord("c:1", "sha256:c"))
	require(open.Records() == 3)
}

func aPlanThatIsClosedWhileItIsAppliedLivesUntilTheEnd() {
	plan := planned()
	host := removes()
	host.After = func(pruneplan.Step) {
		plan.Close()
		panics("the plan is closed", func() { plan.Records() })
	}
	var report pruneplan.Report
	check(plan.Apply(background, host, &report))
	require(report.Count(pruneplan.Removed) == 2, report)
	panics("the plan is closed", func() { plan.Records() })
}

func numbersAndArgumentsAreChecked() {
	plan := planned()
	defer plan.Close()
	panics("no record", func() { plan.Decision(-1) })
	panics("no record", func() { plan.Decision(2) })
	panics("no record", func() { plan.Explain(2) })
	var report pruneplan.Report
	fails(plan.Apply(background, pruneplan.Host{}, &report), pruneplan.ErrInvalidArgument, "Remove")
	fails(plan.Apply(background, removes(), nil), pruneplan.ErrInvalidArgument, "report")
	listing := listed()
	defer listing.Close()
	fails(listing.SetPinned(2, true), pruneplan.ErrInvalidArgument, "no record")
	fails(listing.AddMount(0, "sha256:a"), pruneplan.ErrInvalidArgument, "no container")
}

// Runs a function in four goroutines.
func together(function func(goroutine int)) {
	var ended sync.WaitGroup
	for i := 0; i < 4; i++ {
		ended.Add(1)
		go func(i int) {
			defer ended.Done()
			function(i)
		}(i)
	}
	ended.Wait()
}

func goroutinesShareHandles() {
	listing, options := listed(), unused()
	together(func(goroutine int) {
		for i := 0; i < 100; i++ {
			check(listing.AddRecord(fmt.Sprintf("c:%d.%d", goroutine, i), "sha256:c"))
			listing.Records()
		}
	})
	require(listing.Records() == 402)
	plan, err := pruneplan.NewPlan(listing, options)
	check(err)
	together(func(goroutine int) {
		own, err := pruneplan.NewPlan(listing, options)
		check(err)
		own.Close()
		var report pruneplan.Report
		check(plan.Apply(background, removes(), &report))
		require(report.Count(pruneplan.Removed) == 402)
	})
	together(func(goroutine int) {
		defer func() {
			if closed := recover(); closed != nil {
				require(strings.Contains(closed.(string), "closed"), closed)
			}
		}()
		for i := 0; i < 100; i++ {
			if goroutine == 0 && i == 50 {
				plan.Close()
				listing.Close()
				options.Close()
			}
			plan.Decision(i)
			check(listing.SetPinned(i, true))
		}
	})
	panics("closed", func() { plan.Records() })
	panics("closed", func() { listing.Records() })
}

func theGarbageCollectorFreesWhatIsNotClosed() {
	func() {
		_, _, plan := listed(), unused(), planned()
		require(plan.Records() == 2)
	}()
	for i := 0; i < 1000 && pruneplan.LiveHandles() > 0; i++ {
		runtime.GC()
		time.Sleep(time.Millisecond)
	}
	require(pruneplan.LiveHandles() == 0, "a handle was not freed")
}

// Records that are added together are those that are added one by one, and the plan is written in both forms.
func recordsInOneCall() {
	created, no := time.Unix(-5, 7), false
	records := make([]pruneplan.Record, 1000)
	oneByOne, together := listed(), listed()
	defer oneByOne.Close()
	defer together.Close()
	for i := range records {
		r := pruneplan.Record{Name: fmt.Sprintf("r:%d", i), Target: fmt.Sprintf("sha256:%d", i%300)}
		check(oneByOne.AddRecord(r.Name, r.Target))
		record := oneByOne.Records() - 1
		if i%3 == 0 {
			r.Created, r.Dangling, r.Pinned = created, &no, i%2 == 0
			r.Labels = map[string]string{"a": "b", "c": ""}
			check(oneByOne.SetCreated(record, created))
			check(oneByOne.SetDangling(record, no))
			check(oneByOne.SetPinned(record, r.Pinned))
			check(oneByOne.AddLabel(record, "a", "b"))
			check(oneByOne.AddLabel(record, "c", ""))
		}
		if i%5 == 0 {
			r.Blobs = []pruneplan.Blob{{Digest: r.Target, Size: 1 << 40}, {Digest: "sha256:x", Size: 3}}
			r.IDs, r.Needed, r.Subject = []string{"sha256:i"}, []string{"sha256:7", "sha256:8"}, "sha256:9"
			check(oneByOne.AddBlob(record, r.Target, 1<<40))
			check(oneByOne.AddBlob(record, "sha256:x", 3))
			check(oneByOne.AddID(record, "sha256:i"))
			check(oneByOne.AddNeeded(record, "sha256:7"))
			check(oneByOne.AddNeeded(record, "sha256:8"))
			check(oneByOne.SetSubject(record, "sha256:9"))
		}
		records[i] = r
	}
	check(together.AddRecords(nil))
	check(together.AddRecords(records))
	require(together.Records() == 1002)
	var outputs [2]string
	for i, listing := range []*pruneplan.Listing{oneByOne, together} {
		options := unused()
		check(options.AddFilter("label!=a=c", time.Now()))
		plan, err := pruneplan.NewPlan(listing, options)
		check(err)
		lines, err := plan.JSONLines()
		check(err)
		dot, err := plan.DOT()
		check(err)
		require(strings.HasPrefix(string(lines), "{") && strings.HasPrefix(string(dot), "digraph"))
		outputs[i] = fmt.Sprint(string(lines), string(dot), plan.Summary(), plan.Space(), plan.Deletions())
		options.Close()
		plan.Close()
	}
	require(outputs[0] == outputs[1])
	closed := listed()
	closed.Close()
	panics("the listing is closed", func() { closed.AddRecords(records) })
}

func summariesAndChanges() {
	for _, malformed := range []string{"", "pruneplan usage 2\n", "pruneplan usage 1\n8:sha256:a", "pruneplan usage 1\n"} {
		_, err := pruneplan.NewUsageFromBytes([]byte(malformed))
		fails(err, pruneplan.ErrInvalidFormat, "")
	}
	_, err := pruneplan.ShardOf("sha256:a", 0)
	fails(err, pruneplan.ErrInvalidArgument, "")
	named := pruneplan.Container{ImageID: "sha256:a", ImageRef: "a:1", Name: "web", Mounts: []string{"sha256:b"}}
	var usages [2]*pruneplan.Usage
	for i := range usages {
		usages[i], err = pruneplan.NewUsage()
		check(err)
		check(usages[i].AddContainers(nil))
		require(usages[i].Len() == 0)
		check(usages[i].AddContainers([]pruneplan.Container{named, named}))
	}
	uses := usages[0].Len()
	require(uses > 0)
	// Two goroutines merge two summaries into each other.
	var group sync.WaitGroup
	for i := range usages {
		group.Add(1)
		go func(i int) {
			defer group.Done()
			for k := 0; k < 100; k++ {
				check(usages[i].Merge(usages[1-i]))
			}
		}(i)
	}
	group.Wait()
	check(usages[0].Merge(usages[0]))
	require(usages[0].Len() == uses && usages[1].Len() == uses)
	used, options := listed(), unused()
	check(used.AddContainers([]pruneplan.Container{named}))
	before := planned()
	after, err := pruneplan.NewPlan(used, options)
	check(err)
	require(strings.Contains(after.Explain(0), "web"))
	same, err := before.Diff(before)
	check(err)
	require(len(same) == 0)
	changes, err := before.Diff(after)
	check(err)
	require(len(changes) == 2)
	for i, c := range changes {
		require(c.Kind == "newly_kept" && c.Before == i && c.After == i && c.ReasonBefore == "unused", c)
	}
	after.Close()
	panics("the plan is closed", func() { before.Diff(after) })
	usages[1].Close()
	usages[1].Close()
	panics("the usage summary is closed", func() { usages[1].Len() })
	panics("the usage summary is closed", func() { usages[1].Bytes() })
	panics("the usage summary is closed", func() { usages[0].Merge(usages[1]) })
	panics("the usage summary is closed", func() { usages[1].AddContainers(nil) })
	panics("the usage summary is closed", func() { used.AddUsage(usages[1]) })
	check(used.AddUsage(usages[0]))
	require(used.Containers() == 1+uses)
	used.Close()
	panics("the listing is closed", func() { used.AddUsage(usages[0]) })
	usages[0].Close()
	options.Close()
	before.Close()
}

func main() {
	summariesAndChanges()
	recordsInOneCall()
	theZeroOutcomeIsAFailure()
	aStepHasTheErrorOfTheStore()
	anErrorHasACodeAndIsFoundInAWrappedError()
	anUnknownTimeIsNotAnOldOne()
	aDoubtfulPlanRemovesNothing()
	aPanicPassesWithItsValueAndTheReportIsKept()
	goexitInACallbackKeepsTheReport()
	aCancelledContextEndsTheRunAndKeepsTheReport()
	useAfterClosePanics()
	aPlanThatIsClosedWhileItIsAppliedLivesUntilTheEnd()
	numbersAndArgumentsAreChecked()
	goroutinesShareHandles()
	require(pruneplan.LiveHandles() == 0, "a handle was not closed")
	theGarbageCollectorFreesWhatIsNotClosed()
}
