// SPDX-License-Identifier: BSL-1.0

// Package pruneplan decides which container images can be deleted, and says why, through the C API of pruneplan.
//
// To build it, set CGO_CFLAGS to -I and the folder of pruneplan.h, and CGO_LDFLAGS to -L and the folder of the library.
package pruneplan

/*
#cgo LDFLAGS: -lpruneplan_c
#include "pruneplan.h"

int32_t pruneplanGoRemove(void *user, pruneplan_text name, pruneplan_text target, pruneplan_text survivor,
                          pruneplan_removal *removal);
bool pruneplanGoBefore(void *user, pruneplan_step *step);
void pruneplanGoAfter(void *user, pruneplan_step *step);
bool pruneplanGoShouldStop(void *user);

// C must not keep Go pointers, so it gets the number of a run.
static inline bool apply_in_go(const pruneplan_plan *plan, uintptr_t user, pruneplan_report *report,
                               pruneplan_error *error) {
    pruneplan_host host = {sizeof host, (void *)user, pruneplanGoRemove,
                           (bool (*)(void *, const pruneplan_step *))pruneplanGoBefore,
                           (void (*)(void *, const pruneplan_step *))pruneplanGoAfter, pruneplanGoShouldStop};
    return pruneplan_apply(plan, &host, report, error);
}

static inline bool estimate(const pruneplan_plan *plan, pruneplan_space *space, pruneplan_error *error) {
    space->struct_size = sizeof *space;
    return pruneplan_plan_estimate_space(plan, space, error);
}
*/
import "C"

import (
	"fmt"
	"runtime/cgo"
	"unsafe"
)

// Error says what was rejected: Code is a stable word, Message is for a person.
type Error struct{ Code, Message string }

func (e *Error) Error() string { return e.Message }

func newError(e *C.pruneplan_error) error {
	return &Error{C.GoString(&e.code[0]), C.GoString(&e.message[0])}
}

// lend passes the bytes of a text to C for one call.
func lend(text string) C.pruneplan_text {
	if text == "" {
		return C.pruneplan_text{}
	}
	bytes := []byte(text)
	return C.pruneplan_text{data: (*C.char)(unsafe.Pointer(&bytes[0])), size: C.size_t(len(bytes))}
}

func taken(text C.pruneplan_text) string { return C.GoStringN(text.data, C.int(text.size)) }

// check returns the error of a call that can fail.
func check(call func(*C.pruneplan_error) C.bool) error {
	var e C.pruneplan_error
	if call(&e) {
		return nil
	}
	return newError(&e)
}

// LiveHandles returns the number of handles that are not closed yet.
func LiveHandles() int { return int(C.pruneplan_live_handles()) }

// Version returns the version of the library.
func Version() string { return C.GoString(C.pruneplan_library_version()) }

// Time is in seconds since 1970 and nanoseconds, 0 to 999,999,999.
type Time struct {
	Seconds     int64
	Nanoseconds int32
}

// Listing has image records and containers, numbered from 0.
type Listing struct{ handle *C.pruneplan_listing }

func NewListing() (*Listing, error) {
	var e C.pruneplan_error
	handle := C.pruneplan_listing_new(&e)
	if handle == nil {
		return nil, newError(&e)
	}
	return &Listing{handle}, nil
}

func (l *Listing) Close() {
	C.pruneplan_listing_free(l.handle)
	l.handle = nil
}

func (l *Listing) Records() int    { return int(C.pruneplan_listing_records(l.handle)) }
func (l *Listing) Containers() int { return int(C.pruneplan_listing_containers(l.handle)) }

func (l *Listing) AddRecord(name, target string) error {
	return check(func(e *C.pruneplan_error) C.bool {
		return C.pruneplan_listing_add_record(l.handle, lend(name), lend(target), e)
	})
}

func (l *Listing) SetCreated(record int, t Time) error {
	return check(func(e *C.pruneplan_error) C.bool {
		return C.pruneplan_listing_set_created(l.handle, C.size_t(record), C.int64_t(t.Seconds), C.int32_t(t.Nanoseconds), e)
	})
}

func (l *Listing) SetLastUsed(record int, t Time) error {
	return check(func(e *C.pruneplan_error) C.bool {
		return C.pruneplan_listing_set_last_used(l.handle, C.size_t(record), C.int64_t(t.Seconds),
			C.int32_t(t.Nanoseconds), e)
	})
}

func (l *Listing) SetPinned(record int, pinned bool) error {
	return check(func(e *C.pruneplan_error) C.bool {
		return C.pruneplan_listing_set_pinned(l.handle, C.size_t(record), C.bool(pinned), e)
	})
}

func (l *Listing) SetDangling(record int, dangling bool) error {
	return check(func(e *C.pruneplan_error) C.bool {
		return C.pruneplan_listing_set_dangling(l.handle, C.size_t(record), C.bool(dangling), e)
	})
}

func (l *Listing) SetParent(record int, parent string) error {
	return check(func(e *C.pruneplan_error) C.bool {
		return C.pruneplan_listing_set_parent(l.handle, C.size_t(record), lend(parent), e)
	})
}

func (l *Listing) AddLabel(record int, key, value string) error {
	return check(func(e *C.pruneplan_error) C.bool {
		return C.pruneplan_listing_add_label(l.handle, C.size_t(record), lend(key), lend(value), e)
	})
}

func (l *Listing) AddBlob(record int, digest string, size uint64) error {
	return check(func(e *C.pruneplan_error) C.bool {
		return C.pruneplan_listing_add_blob(l.handle, C.size_t(record), lend(digest), C.uint64_t(size), e)
	})
}

func (l *Listing) AddContainer(imageID, imageRef string) error {
	return check(func(e *C.pruneplan_error) C.bool {
		return C.pruneplan_listing_add_container(l.handle, lend(imageID), lend(imageRef), e)
	})
}

func (l *Listing) AddMount(container int, imageID string) error {
	return check(func(e *C.pruneplan_error) C.bool {
		return C.pruneplan_listing_add_mount(l.handle, C.size_t(container), lend(imageID), e)
	})
}

// Options holds what to delete and what to keep. The defaults are those of `docker image prune`.
type Options struct{ handle *C.pruneplan_options }

func NewOptions() (*Options, error) {
	var e C.pruneplan_error
	handle := C.pruneplan_options_new(&e)
	if handle == nil {
		return nil, newError(&e)
	}
	return &Options{handle}, nil
}

func (o *Options) Close() {
	C.pruneplan_options_free(o.handle)
	o.handle = nil
}

func (o *Options) SetScope(scope string) error {
	return check(func(e *C.pruneplan_error) C.bool { return C.pruneplan_options_set_scope(o.handle, lend(scope), e) })
}

func (o *Options) SetUsagePreset(preset string) error {
	return check(func(e *C.pruneplan_error) C.bool {
		return C.pruneplan_options_set_usage_preset(o.handle, lend(preset), e)
	})
}

func (o *Options) SetUsage(namesInUse, everyContainer, keepAllNames bool) {
	C.pruneplan_options_set_usage(o.handle, C.bool(namesInUse), C.bool(everyContainer), C.bool(keepAllNames))
}

func (o *Options) AddFilter(text string, now Time) error {
	return check(func(e *C.pruneplan_error) C.bool {
		return C.pruneplan_options_add_filter(o.handle, lend(text), C.int64_t(now.Seconds), C.int32_t(now.Nanoseconds), e)
	})
}

func (o *Options) AddKeep(pattern string) error {
	return check(func(e *C.pruneplan_error) C.bool { return C.pruneplan_options_add_keep(o.handle, lend(pattern), e) })
}

func (o *Options) SetKeepNewest(images int) {
	C.pruneplan_options_set_keep_newest(o.handle, C.size_t(images))
}

func (o *Options) SetKeepYoungerThan(t Time) error {
	return check(func(e *C.pruneplan_error) C.bool {
		return C.pruneplan_options_set_keep_younger_than(o.handle, C.int64_t(t.Seconds), C.int32_t(t.Nanoseconds), e)
	})
}

func (o *Options) SetBytesToFree(bytes uint64) {
	C.pruneplan_options_set_bytes_to_free(o.handle, C.uint64_t(bytes))
}

func (o *Options) SetSurvivor(survivor string) error {
	return check(func(e *C.pruneplan_error) C.bool {
		return C.pruneplan_options_set_survivor(o.handle, lend(survivor), e)
	})
}

// Plan says keep or delete for every record, and why. It changes nothing.
type Plan struct{ handle *C.pruneplan_plan }

// NewPlan makes a plan. The listing and the options can be changed or closed afterwards. The options can be nil.
func NewPlan(l *Listing, o *Options) (*Plan, error) {
	var e C.pruneplan_error
	var options *C.pruneplan_options
	if o != nil {
		options = o.handle
	}
	handle := C.pruneplan_plan_new(l.handle, options, &e)
	if handle == nil {
		return nil, newError(&e)
	}
	return &Plan{handle}, nil
}

func (p *Plan) Close() {
	C.pruneplan_plan_free(p.handle)
	p.handle = nil
}

func (p *Plan) Records() int { return int(C.pruneplan_plan_records(p.handle)) }
func (p *Plan) Kept() int    { return int(C.pruneplan_plan_kept(p.handle)) }
func (p *Plan) Deleted() int { return int(C.pruneplan_plan_deleted(p.handle)) }
func (p *Plan) Name(record int) string {
	return taken(C.pruneplan_plan_name(p.handle, C.size_t(record)))
}
func (p *Plan) Target(record int) string {
	return taken(C.pruneplan_plan_target(p.handle, C.size_t(record)))
}
func (p *Plan) Deletes(record int) bool {
	return bool(C.pruneplan_plan_deletes(p.handle, C.size_t(record)))
}
func (p *Plan) Reason(record int) string {
	return taken(C.pruneplan_plan_reason(p.handle, C.size_t(record)))
}
func (p *Plan) Count(reason string) int { return int(C.pruneplan_plan_count(p.handle, lend(reason))) }
func (p *Plan) Deletion(step int) int {
	return int(C.pruneplan_plan_deletion(p.handle, C.size_t(step)))
}

// UnmatchedContainers returns the containers whose image the usage rule should protect but the listing does not have.
func (p *Plan) UnmatchedContainers() (containers []int) {
	for i := C.size_t(0); ; i++ {
		container := C.pruneplan_plan_unmatched_container(p.handle, i)
		if container == C.PRUNEPLAN_NONE {
			return containers
		}
		containers = append(containers, int(container))
	}
}

// Container returns the number of the container that caused the decision, if one did.
func (p *Plan) Container(record int) (container int, is bool) {
	number := C.pruneplan_plan_container(p.handle, C.size_t(record))
	if number == C.PRUNEPLAN_NONE {
		return 0, false
	}
	return int(number), true
}

// Explain returns an explanation for a person.
func (p *Plan) Explain(record int) string {
	size := C.pruneplan_plan_explain(p.handle, C.size_t(record), nil, 0)
	if size == 0 {
		return ""
	}
	buffer := make([]byte, size)
	C.pruneplan_plan_explain(p.handle, C.size_t(record), (*C.char)(unsafe.Pointer(&buffer[0])), size)
	return string(buffer)
}

// Space is what a plan frees and keeps, in bytes.
type Space struct{ Freed, Shared, Kept, InconsistentBlobs uint64 }

func (p *Plan) EstimateSpace() (Space, error) {
	var s C.pruneplan_space
	err := check(func(e *C.pruneplan_error) C.bool { return C.estimate(p.handle, &s, e) })
	return Space{uint64(s.freed), uint64(s.shared), uint64(s.kept), uint64(s.inconsistent_blobs)}, err
}

// Status is the result of a removal.
type Status int32

const (
	Removed  Status = C.PRUNEPLAN_REMOVED
	NotFound Status = C.PRUNEPLAN_NOT_FOUND
	Changed  Status = C.PRUNEPLAN_CHANGED
	InUse    Status = C.PRUNEPLAN_IN_USE
	Failed   Status = C.PRUNEPLAN_FAILED
)

// Outcome describes a removal. Error is the store's message if it failed. StillNamed tells that the store has another
// name for the target, which the plan does not have.
type Outcome struct {
	Status     Status
	Error      string
	StillNamed bool
}

// Step is one step of a plan. The fields below Reason are set in After only.
type Step struct {
	Done, Total, Record  int
	Name, Target, Reason string
	Status               Status
	Error                string
	ImageDeleted         bool
	SpaceReclaimed       uint64
}

// Host has the callbacks that apply a plan. All except Remove can be nil. A panic ends the run, and continues in Apply.
type Host struct {
	// Remove removes name only while it points at target and, unless it is nil, while survivor does, too, in one step.
	Remove     func(name, target string, survivor *string) Outcome
	Before     func(Step) bool
	After      func(Step)
	ShouldStop func() bool
}

// run is one call of Apply; C refers to it by a number.
type run struct {
	host     Host
	panicked any
}

func runOf(user unsafe.Pointer) *run { return cgo.Handle(uintptr(user)).Value().(*run) }

// guard keeps a panic from passing through C.
func (r *run) guard() {
	if p := recover(); p != nil && r.panicked == nil {
		r.panicked = p
	}
}

func stepOf(s *C.pruneplan_step) Step {
	return Step{int(s.done), int(s.total), int(s.record), taken(s.name), taken(s.target), taken(s.reason),
		Status(s.status), taken(s.error), bool(s.image_deleted), uint64(s.space_reclaimed)}
}

//export pruneplanGoRemove
func pruneplanGoRemove(user unsafe.Pointer, name, target, survivor C.pruneplan_text,
	removal *C.pruneplan_removal) (status C.int32_t) {
	r := runOf(user)
	status = C.PRUNEPLAN_FAILED
	defer r.guard()
	var other *string
	if survivor.data != nil {
		text := taken(survivor)
		other = &text
	}
	outcome := r.host.Remove(taken(name), taken(target), other)
	if outcome.Status == Failed {
		C.pruneplan_removal_set_error(removal, lend(outcome.Error))
	}
	if outcome.StillNamed {
		C.pruneplan_removal_set_still_named(removal)
	}
	return C.int32_t(outcome.Status)
}

//export pruneplanGoBefore
func pruneplanGoBefore(user unsafe.Pointer, step *C.pruneplan_step) (goes C.bool) {
	r := runOf(user)
	defer r.guard()
	return C.bool(r.host.Before == nil || r.host.Before(stepOf(step)))
}

//export pruneplanGoAfter
func pruneplanGoAfter(user unsafe.Pointer, step *C.pruneplan_step) {
	r := runOf(user)
	defer r.guard()
	if r.host.After != nil {
		r.host.After(stepOf(step))
	}
}

//export pruneplanGoShouldStop
func pruneplanGoShouldStop(user unsafe.Pointer) (stops C.bool) {
	r := runOf(user)
	stops = true
	defer r.guard()
	return C.bool(r.panicked != nil || (r.host.ShouldStop != nil && r.host.ShouldStop()))
}

// Report says what was done.
type Report struct {
	Untagged       []Untagged
	Deleted        []string
	Failures       []Failure
	Skipped        []Skip
	SpaceReclaimed uint64
	Cancelled      bool
}

type Untagged struct{ Name, Familiar, Target string }
type Failure struct{ Name, Target, Error string }
type Skip struct{ Name, Target, Reason string }

// Apply applies the plan through the host. If it returns an error, the report is correct up to that step.
func (p *Plan) Apply(host Host) (Report, error) {
	var e C.pruneplan_error
	report := C.pruneplan_report_new(&e)
	if report == nil {
		return Report{}, newError(&e)
	}
	defer C.pruneplan_report_free(report)
	r := &run{host: host}
	user := cgo.NewHandle(r)
	defer user.Delete()
	err := check(func(e *C.pruneplan_error) C.bool { return C.apply_in_go(p.handle, C.uintptr_t(user), report, e) })
	if r.panicked != nil {
		panic(fmt.Sprint("in a host of pruneplan: ", r.panicked))
	}
	return reportOf(report), err
}

func reportOf(c *C.pruneplan_report) Report {
	r := Report{
		SpaceReclaimed: uint64(C.pruneplan_report_space_reclaimed(c)),
		Cancelled:      bool(C.pruneplan_report_cancelled(c)),
	}
	for i := C.size_t(0); i < C.pruneplan_report_untagged_count(c); i++ {
		r.Untagged = append(r.Untagged, Untagged{taken(C.pruneplan_report_untagged_name(c, i)),
			taken(C.pruneplan_report_untagged_familiar(c, i)), taken(C.pruneplan_report_untagged_target(c, i))})
	}
	for i := C.size_t(0); i < C.pruneplan_report_deleted_count(c); i++ {
		r.Deleted = append(r.Deleted, taken(C.pruneplan_report_deleted(c, i)))
	}
	for i := C.size_t(0); i < C.pruneplan_report_failure_count(c); i++ {
		r.Failures = append(r.Failures, Failure{taken(C.pruneplan_report_failure_name(c, i)),
			taken(C.pruneplan_report_failure_target(c, i)), taken(C.pruneplan_report_failure_error(c, i))})
	}
	for i := C.size_t(0); i < C.pruneplan_report_skipped_count(c); i++ {
		r.Skipped = append(r.Skipped, Skip{taken(C.pruneplan_report_skipped_name(c, i)),
			taken(C.pruneplan_report_skipped_target(c, i)), taken(C.pruneplan_report_skipped_reason(c, i))})
	}
	return r
}
