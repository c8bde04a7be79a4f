// SPDX-License-Identifier: BSL-1.0

// Plans and applies random worlds through the C API. worlds.cpp describes the input and the output.
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"pruneplan.example/pruneplan"
)

var now = time.Unix(1719500000, 123456789)
var out = bufio.NewWriter(os.Stdout)

func escaped(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if c := text[i]; c >= 0x20 && c <= 0x7e && c != '%' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

func unescaped(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] != '%' {
			b.WriteByte(text[i])
			continue
		}
		code, err := strconv.ParseUint(text[i+1:i+3], 16, 8)
		check(err)
		b.WriteByte(byte(code))
		i += 2
	}
	return b.String()
}

func line(fields ...any) {
	for i, field := range fields {
		if i > 0 {
			out.WriteByte('\t')
		}
		out.WriteString(escaped(fmt.Sprint(field)))
	}
	out.WriteByte('\n')
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func number[T int64 | uint64](text string) T {
	if value, err := strconv.ParseUint(text, 10, 64); err == nil {
		return T(value)
	}
	value, err := strconv.ParseInt(text, 10, 64)
	check(err)
	return T(value)
}

func codeOf(err error) string {
	var rejected *pruneplan.Error
	if !errors.As(err, &rejected) {
		panic(err)
	}
	return rejected.Code
}

func flag(is bool) int {
	if is {
		return 1
	}
	return 0
}

func numberOrNone(number int) string {
	if number < 0 {
		return "-"
	}
	return strconv.Itoa(number)
}

func answerFor(name string) int {
	sum := 0
	for i := 0; i < len(name); i++ {
		sum += (i + 1) * int(name[i])
	}
	return sum % 16
}

type store struct {
	names map[string]string
	order []string
	steps int
}

func (s *store) holds(name, target string) bool {
	known, is := s.names[name]
	return is && known == target
}

func (s *store) remove(_ context.Context, name, target, survivor string) pruneplan.Outcome {
	if survivor != "" && !s.holds(survivor, target) {
		return pruneplan.Outcome{Status: pruneplan.SurvivorGone}
	}
	switch answerFor(name) {
	case 0:
		return pruneplan.Outcome{Status: pruneplan.Failed, Err: errors.New("cannot remove " + name)}
	case 1:
		return pruneplan.Outcome{Status: pruneplan.Changed}
	case 2:
		return pruneplan.Outcome{Status: pruneplan.InUse, StillNamed: true}
	case 3:
		return pruneplan.Outcome{Status: pruneplan.NotFound}
	}
	if !s.holds(name, target) {
		return pruneplan.Outcome{Status: pruneplan.Changed}
	}
	delete(s.names, name)
	return pruneplan.Outcome{Status: pruneplan.Removed, StillNamed: answerFor(name) == 5}
}

func writeStep(kind string, step pruneplan.Step) {
	message := ""
	if step.Err != nil {
		message = step.Err.Error()
	}
	line(kind, step.Name, step.Familiar, step.Target, step.Status, message, flag(step.ImageDeleted), step.Reclaimed)
}

func (s *store) host() pruneplan.Host {
	return pruneplan.Host{
		Remove: s.remove,
		Before: func(decision pruneplan.Decision) bool {
			line("before", decision.Record, decision.Name, decision.Reason)
			return answerFor(decision.Name) != 4
		},
		After: func(step pruneplan.Step) { writeStep("step", step) },
		ShouldStop: func() bool {
			s.steps++
			return s.steps == 5
		},
	}
}

func writePlan(plan *pruneplan.Plan) {
	for _, d := range plan.Decisions() {
		action := "keep"
		if d.Deletes {
			action = "delete"
		}
		line("decision", d.Record, d.Name, d.Target, action, d.Reason, numberOrNone(d.Container), flag(d.Mounted),
			numberOrNone(d.Option), plan.Explain(d.Record))
	}
	for _, d := range plan.Decisions() {
		count, err := plan.Count(d.Reason)
		check(err)
		line("count", count)
	}
	for _, doubt := range plan.Doubts() {
		line("doubt", doubt.Kind, doubt.Number, flag(doubt.Blocks), doubt.Sentence)
	}
	for _, record := range plan.Deletions() {
		line("deletion", record)
	}
	line("counts", plan.Kept(), plan.Deleted())
	space := plan.Space()
	line("space", space.Freed, space.Shared, space.Kept, space.InconsistentBlobs)
	line("summary", plan.Summary())
}

func writeReport(report pruneplan.Report, s *store) {
	for _, step := range report.Steps {
		writeStep("reported", step)
	}
	for status := pruneplan.Failed; status <= pruneplan.Attached; status++ {
		line("status", status, report.Count(status))
	}
	line("report", report.SpaceReclaimed, flag(report.Cancelled))
	for _, name := range s.order {
		if _, is := s.names[name]; is {
			line("left", name)
		}
	}
}

// addFact adds a fact to the last record of a batch, or returns false if the line is not about records.
func addFact(records *[]pruneplan.Record, f []string) bool {
	if f[0] == "record" {
		*records = append(*records, pruneplan.Record{Name: f[1], Target: f[2], Labels: map[string]string{}})
		return true
	}
	if len(*records) == 0 {
		return false
	}
	r := &(*records)[len(*records)-1]
	switch f[0] {
	case "created":
		r.Created = time.Unix(number[int64](f[1]), number[int64](f[2]))
	case "last_used":
		r.LastUsed = time.Unix(number[int64](f[1]), number[int64](f[2]))
	case "label":
		if _, is := r.Labels[f[1]]; !is {
			r.Labels[f[1]] = f[2]
		}
	case "pinned":
		r.Pinned = f[1] == "1"
	case "dangling":
		dangling := f[1] == "1"
		r.Dangling = &dangling
	case "id":
		r.IDs = append(r.IDs, f[1])
	case "subject":
		r.Subject = f[1]
	case "needed":
		r.Needed = append(r.Needed, f[1])
	case "blob":
		r.Blobs = append(r.Blobs, pruneplan.Blob{Digest: f[1], Size: number[uint64](f[2])})
	default:
		return false
	}
	return true
}

func (s *store) addName(name, target string) {
	if answerFor(name) != 6 {
		s.names[name] = target
	}
	s.order = append(s.order, name)
}

func readFact(l *pruneplan.Listing, o *pruneplan.Options, f []string) error {
	record := l.Records() - 1
	moment := func() time.Time { return time.Unix(number[int64](f[1]), number[int64](f[2])) }
	switch f[0] {
	case "record":
		return l.AddRecord(f[1], f[2])
	case "created":
		return l.SetCreated(record, moment())
	case "last_used":
		return l.SetLastUsed(record, moment())
	case "label":
		return l.AddLabel(record, f[1], f[2])
	case "pinned":
		return l.SetPinned(record, f[1] == "1")
	case "dangling":
		return l.SetDangling(record, f[1] == "1")
	case "id":
		return l.AddID(record, f[1])
	case "subject":
		return l.SetSubject(record, f[1])
	case "needed":
		return l.AddNeeded(record, f[1])
	case "blob":
		return l.AddBlob(record, f[1], number[uint64](f[2]))
	case "container":
		return l.AddContainer(f[1], f[2])
	case "called":
		return l.SetContainerName(l.Containers()-1, f[1])
	case "mount":
		return l.AddMount(l.Containers()-1, f[1])
	case "scope":
		return o.SetScope(f[1])
	case "preset":
		return o.SetUsagePreset(f[1])
	case "usage":
		return o.SetUsage(f[1] == "1", f[2], f[3])
	case "filter":
		return o.AddFilter(f[1], now)
	case "keep":
		return o.AddKeep(f[1])
	case "survivor":
		return o.SetSurvivor(f[1])
	case "keep_newest":
		return o.AddKeepNewest(uint(number[uint64](f[1])), f[2], f[3])
	case "keep_younger_than":
		return o.SetKeepYoungerThan(moment())
	case "bytes_to_free":
		return o.SetBytesToFree(number[int64](f[1]))
	case "delete_unused_before":
		return o.SetDeleteUnusedBefore(moment())
	default:
		panic("unknown line: " + f[0])
	}
}

// addUse adds a line about containers to a batch, or returns false if the line is not about them.
func addUse(containers *[]pruneplan.Container, f []string) bool {
	last := len(*containers) - 1
	switch f[0] {
	case "container":
		*containers = append(*containers, pruneplan.Container{ImageID: f[1], ImageRef: f[2]})
	case "called":
		(*containers)[last].Name = f[1]
	case "mount":
		(*containers)[last].Mounts = append((*containers)[last].Mounts, f[1])
	default:
		return false
	}
	return true
}

// summarized merges the summaries of nodes with two containers each.
func summarized(containers []pruneplan.Container) *pruneplan.Usage {
	usage, err := pruneplan.NewUsage()
	check(err)
	for len(containers) > 0 {
		count := len(containers)
		if count > 2 {
			count = 2
		}
		node, err := pruneplan.NewUsage()
		check(err)
		check(node.AddContainers(containers[:count]))
		check(usage.Merge(node))
		node.Close()
		containers = containers[count:]
	}
	return usage
}

func writeUsage(world [][]string, containers []pruneplan.Container, o *pruneplan.Options) {
	usage := summarized(containers)
	defer usage.Close()
	bytes, err := usage.Bytes()
	check(err)
	line("usage", string(bytes))
	listed, err := pruneplan.NewListing()
	check(err)
	defer listed.Close()
	ignored, err := pruneplan.NewOptions()
	check(err)
	defer ignored.Close()
	for _, f := range world {
		if f[0] != "container" && f[0] != "called" && f[0] != "mount" {
			check(readFact(listed, ignored, f))
		}
	}
	read, err := pruneplan.NewUsageFromBytes(bytes)
	check(err)
	defer read.Close()
	check(listed.AddUsage(read))
	plan, err := pruneplan.NewPlan(listed, o)
	check(err)
	defer plan.Close()
	lines, err := plan.JSONLines()
	check(err)
	line("usage_json_lines", string(lines))
}

func writeEverything(plan *pruneplan.Plan, l *pruneplan.Listing) {
	lines, err := plan.JSONLines()
	check(err)
	line("json_lines", string(lines))
	dot, err := plan.DOT()
	check(err)
	line("dot", string(dot))
	byDefault, err := pruneplan.NewPlan(l, nil)
	check(err)
	defer byDefault.Close()
	changes, err := byDefault.Diff(plan)
	check(err)
	for _, c := range changes {
		line("change", c.Kind, c.Name, numberOrNone(c.Before), numberOrNone(c.After), c.ReasonBefore, c.ReasonAfter,
			flag(c.TargetChanged))
	}
	for _, d := range plan.Decisions() {
		shard, err := pruneplan.ShardOf(d.Target, 7)
		check(err)
		line("shard", shard)
	}
}

// planWorld adds records and containers one by one, or in one call each.
func planWorld(world [][]string, inOneCall, everything bool) error {
	l, err := pruneplan.NewListing()
	check(err)
	o, err := pruneplan.NewOptions()
	check(err)
	s := &store{names: map[string]string{}}
	var plan *pruneplan.Plan
	var records []pruneplan.Record
	var containers []pruneplan.Container
	for i := 0; i < len(world) && err == nil; i++ {
		if world[i][0] == "record" {
			s.addName(world[i][1], world[i][2])
		}
		batched := addUse(&containers, world[i]) || (inOneCall && addFact(&records, world[i]))
		if !inOneCall || !batched {
			err = readFact(l, o, world[i])
		}
	}
	if err == nil {
		err = l.AddRecords(records)
	}
	if err == nil && inOneCall {
		err = l.AddContainers(containers)
	}
	if err == nil {
		plan, err = pruneplan.NewPlan(l, o)
	}
	if err == nil && everything {
		writePlan(plan)
		writeEverything(plan, l)
		writeUsage(world, containers, o)
	}
	l.Close()
	o.Close()
	if err != nil {
		return err
	}
	// A plan outlives its listing and options.
	defer plan.Close()
	if !everything {
		writePlan(plan)
	}
	var report pruneplan.Report
	host := s.host()
	if err := plan.Apply(context.Background(), host, &report); err != nil {
		line("refused", codeOf(err), err)
		for _, doubt := range plan.Doubts() {
			if doubt.Blocks {
				host.Accept = append(host.Accept, doubt.Kind)
			}
		}
		check(plan.Apply(context.Background(), host, &report))
	}
	writeReport(report, s)
	return nil
}

func main() {
	text, err := os.ReadFile(os.Args[1])
	everything := len(os.Args) > 2 && os.Args[2] == "everything"
	check(err)
	worlds := 0
	var world [][]string
	for _, row := range strings.Split(strings.TrimSuffix(string(text), "\n"), "\n") {
		fields := strings.Split(row, "\t")
		for i := range fields {
			fields[i] = unescaped(fields[i])
		}
		switch fields[0] {
		case "world":
			line("world", fields[1])
			world = nil
		case "end":
			worlds++
			if err := planWorld(world, worlds%2 == 1, everything); err != nil {
				line("error", codeOf(err), err)
			}
		default:
			world = append(world, fields)
		}
	}
	check(out.Flush())
	if worlds == 0 || pruneplan.LiveHandles() != 0 {
		panic(fmt.Sprint(worlds, " worlds, handles left: ", pruneplan.LiveHandles()))
	}
}
