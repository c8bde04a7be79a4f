// SPDX-License-Identifier: BSL-1.0

// Package pruneplan decides which container images can be deleted, and says why, through the C API of pruneplan.
// The words are those of pruneplan.h, as are the defaults.
//
// A closed Listing or Options returns errors; a closed Plan panics. While one goroutine closes or changes a value, no
// other may use it. Goroutines can share a Plan.
//
// To build it, set CGO_CFLAGS to -I and the folder of pruneplan.h, and CGO_LDFLAGS to -L and the folder of the library.
package pruneplan

/*
#cgo LDFLAGS: -lpruneplan_c
#include <stdlib.h>
#include "pruneplan.h"

int32_t pruneplanGoRemove(void *user, pruneplan_text name, pruneplan_text target, pruneplan_text survivor,
                          pruneplan_removal *removal);
bool pruneplanGoBefore(void *user, pruneplan_decision *decision);
void pruneplanGoAfter(void *user, pruneplan_step *step);
bool pruneplanGoShouldStop(void *user);

// C must not keep Go pointers, so it gets the number of a run.
static inline bool apply_in_go(const pruneplan_plan *plan, uintptr_t user, const pruneplan_text *accept, size_t count,
                               pruneplan_report *report, pruneplan_error *error) {
    pruneplan_host host = {sizeof host, (void *)user, pruneplanGoRemove,
                           (bool (*)(void *, const pruneplan_decision *))pruneplanGoBefore,
                           (void (*)(void *, const pruneplan_step *))pruneplanGoAfter, pruneplanGoShouldStop,
                           accept, count};
    return pruneplan_apply(plan, &host, report, error);
}
*/
import "C"

import (
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

// lendAll passes a list of texts to C, until free is called.
func lendAll(texts []string) (list *C.pruneplan_text, free func()) {
	list = (*C.pruneplan_text)(C.calloc(C.size_t(len(texts)+1), C.sizeof_pruneplan_text))
	lent := unsafe.Slice(list, len(texts))
	for i, text := range texts {
		lent[i] = C.pruneplan_text{data: (*C.char)(C.CBytes([]byte(text))), size: C.size_t(len(text))}
	}
	return list, func() {
		for _, text := range lent {
			C.free(unsafe.Pointer(text.data))
		}
		C.free(unsafe.Pointer(list))
	}
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

// AddID adds a further digest by which containers may mean the record's image.
func (l *Listing) AddID(record int, id string) error {
	return check(func(e *C.pruneplan_error) C.bool {
		return C.pruneplan_listing_add_id(l.handle, C.size_t(record), lend(id), e)
	})
}

// SetSubject sets the target or ID of the image that the record is attached to.
func (l *Listing) SetSubject(record int, target string) error {
	return check(func(e *C.pruneplan_error) C.bool {
		return C.pruneplan_listing_set_subject(l.handle, C.size_t(record), lend(target), e)
	})
}

// AddNeeded adds the target or ID of an image that the record's image needs.
func (l *Listing) AddNeeded(record int, target string) error {
	return check(func(e *C.pruneplan_error) C.bool {
		return C.pruneplan_listing_add_needed(l.handle, C.size_t(record), lend(target), e)
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

// SetContainerName sets what sentences call the container.
func (l *Listing) SetContainerName(container int, name string) error {
	return check(func(e *C.pruneplan_error) C.bool {
		return C.pruneplan_listing_set_container_name(l.handle, C.size_t(container), lend(name), e)
	})
}

func (l *Listing) AddMount(container int, imageID string) error {
	return check(func(e *C.pruneplan_error) C.bool {
		return C.pruneplan_listing_add_mount(l.handle, C.size_t(container), lend(imageID), e)
	})
}

// Options holds what to delete and what to keep.
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

func (o *Options) SetUsage(namesInUse bool, digestsInUse, namesKept string) error {
	return check(func(e *C.pruneplan_error) C.bool {
		return C.pruneplan_options_set_usage(o.handle, C.bool(namesInUse), lend(digestsInUse), lend(namesKept), e)
	})
}

func (o *Options) AddFilter(text string, now Time) error {
	return check(func(e *C.pruneplan_error) C.bool {
		return C.pruneplan_options_add_filter(o.handle, lend(text), C.int64_t(now.Seconds), C.int32_t(now.Nanoseconds), e)
	})
}

func (o *Options) AddKeep(pattern string) error {
	return check(func(e *C.pruneplan_error) C.bool { return C.pruneplan_options_add_keep(o.handle, lend(pattern), e) })
}

// AddKeepNewest keeps this many images of each repository, by the names that match a pattern, or by all if it is empty.
func (o *Options) AddKeepNewest(images uint, names, by string) error {
	return check(func(e *C.pruneplan_error) C.bool {
		return C.pruneplan_options_add_keep_newest(o.handle, C.size_t(images), lend(names), lend(by), e)
	})
}

func (o *Options) SetKeepYoungerThan(t Time) error {
	return check(func(e *C.pruneplan_error) C.bool {
		return C.pruneplan_options_set_keep_younger_than(o.handle, C.int64_t(t.Seconds), C.int32_t(t.Nanoseconds), e)
	})
}

func (o *Options) SetBytesToFree(bytes int64) error {
	return check(func(e *C.pruneplan_error) C.bool {
		return C.pruneplan_options_set_bytes_to_free(o.handle, C.int64_t(bytes), e)
	})
}

func (o *Options) SetDeleteUnusedBefore(t Time) error {
	return check(func(e *C.pruneplan_error) C.bool {
		return C.pruneplan_options_set_delete_unused_before(o.handle, C.int64_t(t.Seconds), C.int32_t(t.Nanoseconds), e)
	})
}

func (o *Options) SetSurvivor(survivor string) error {
	return check(func(e *C.pruneplan_error) C.bool {
		return C.pruneplan_options_set_survivor(o.handle, lend(survivor), e)
	})
}

// Plan says keep or delete for every record, and why. It needs neither listing nor options. Like an index of a slice, a
// number that is out of range panics.
type Plan struct{ handle *C.pruneplan_plan }

// NewPlan makes a plan. The listing and the options can be changed or closed afterwards. The options can be nil.
func NewPlan(l *Listing, o *Options) (*Plan, error) {
	var e C.pruneplan_error
	var options *C.pruneplan_options
	if o != nil {
		if o.handle == nil {
			return nil, &Error{"invalid_argument", "the options are closed"}
		}
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

func (p *Plan) open() *C.pruneplan_plan {
	if p.handle == nil {
		panic("pruneplan: the plan is closed")
	}
	return p.handle
}

// must panics if a call fails.
func must(call func(*C.pruneplan_error) C.bool) {
	if err := check(call); err != nil {
		panic("pruneplan: " + err.Error())
	}
}

func (p *Plan) Records() int { return int(C.pruneplan_plan_records(p.open())) }
func (p *Plan) Kept() int    { return int(C.pruneplan_plan_kept(p.open())) }
func (p *Plan) Deleted() int { return int(C.pruneplan_plan_deleted(p.open())) }

// Decision is what a plan does with a record. Container and Option are the numbers of what caused it, or -1.
type Decision struct {
	Record            int
	Name, Target      string
	Deletes, Mounted  bool
	Reason            string
	Container, Option int
}

func numberOrNone(number C.size_t) int {
	if number == C.PRUNEPLAN_NONE {
		return -1
	}
	return int(number)
}

func decisionOf(d *C.pruneplan_decision) Decision {
	return Decision{int(d.record), taken(d.name), taken(d.target), bool(d.deletes), bool(d.mounted), taken(d.reason),
		numberOrNone(d.container), numberOrNone(d.option)}
}

func (p *Plan) Decision(record int) Decision {
	d := C.pruneplan_decision{struct_size: C.sizeof_pruneplan_decision}
	must(func(e *C.pruneplan_error) C.bool { return C.pruneplan_plan_decision(p.open(), C.size_t(record), &d, e) })
	return decisionOf(&d)
}

// Deletions returns the records that are deleted, in order.
func (p *Plan) Deletions() []int {
	records := make([]int, p.Deleted())
	for step := range records {
		records[step] = int(C.pruneplan_plan_deletion(p.open(), C.size_t(step)))
	}
	return records
}

// Count returns how many records have this reason. An unknown reason is an error.
func (p *Plan) Count(reason string) (count int, err error) {
	err = check(func(e *C.pruneplan_error) C.bool {
		count = numberOrNone(C.pruneplan_plan_count(p.open(), lend(reason), e))
		return C.bool(count >= 0)
	})
	return count, err
}

// sentence returns what write writes to a buffer.
func sentence(write func(buffer *C.char, capacity C.size_t) C.size_t) string {
	buffer := make([]byte, write(nil, 0))
	if len(buffer) == 0 {
		return ""
	}
	write((*C.char)(unsafe.Pointer(&buffer[0])), C.size_t(len(buffer)))
	return string(buffer)
}

// Explain returns a sentence on a record.
func (p *Plan) Explain(record int) string {
	p.Decision(record)
	return sentence(func(buffer *C.char, capacity C.size_t) C.size_t {
		return C.pruneplan_plan_explain(p.open(), C.size_t(record), buffer, capacity)
	})
}

// Summary returns a sentence on the whole plan.
func (p *Plan) Summary() string {
	return sentence(func(buffer *C.char, capacity C.size_t) C.size_t {
		return C.pruneplan_plan_summary(p.open(), buffer, capacity)
	})
}

// Doubt is what the planner was not sure of. Apply rejects a plan with a doubt that blocks and is not accepted.
type Doubt struct {
	Kind     string
	Number   int
	Blocks   bool
	Sentence string
}

func (p *Plan) Doubts() []Doubt {
	doubts := make([]Doubt, C.pruneplan_plan_doubts(p.open()))
	for i := range doubts {
		d := C.pruneplan_doubt{struct_size: C.sizeof_pruneplan_doubt}
		must(func(e *C.pruneplan_error) C.bool { return C.pruneplan_plan_doubt(p.open(), C.size_t(i), &d, e) })
		doubts[i] = Doubt{taken(d.kind), int(d.number), bool(d.blocks), taken(d.sentence)}
	}
	return doubts
}

// Space is what a plan frees and keeps, in bytes.
type Space struct{ Freed, Shared, Kept, InconsistentBlobs uint64 }

func (p *Plan) Space() Space {
	s := C.pruneplan_space{struct_size: C.sizeof_pruneplan_space}
	must(func(e *C.pruneplan_error) C.bool { return C.pruneplan_plan_space(p.open(), &s, e) })
	return Space{uint64(s.freed), uint64(s.shared), uint64(s.kept), uint64(s.inconsistent_blobs)}
}

// Status is the result of a removal. The zero value is Failed.
type Status int32

const (
	Failed       Status = C.PRUNEPLAN_FAILED
	Removed      Status = C.PRUNEPLAN_REMOVED
	NotFound     Status = C.PRUNEPLAN_NOT_FOUND
	Changed      Status = C.PRUNEPLAN_CHANGED
	SurvivorGone Status = C.PRUNEPLAN_SURVIVOR_GONE
	InUse        Status = C.PRUNEPLAN_IN_USE
	Vetoed       Status = C.PRUNEPLAN_VETOED   // in reports only: Before returned false
	Needed       Status = C.PRUNEPLAN_NEEDED   // in reports only: an image that needs this one was kept
	Attached     Status = C.PRUNEPLAN_ATTACHED // in reports only: the image that it is attached to was kept
)

func (s Status) String() string { return taken(C.pruneplan_status_word(C.int32_t(s))) }

// Outcome describes a removal. Error is the store's message. StillNamed tells that the store has another name for the
// target, which the plan does not have. The zero value is a failure.
type Outcome struct {
	Status     Status
	Error      string
	StillNamed bool
}

// Step is a step that was tried, vetoed, or not taken because the image is needed or attached to a kept one.
type Step struct {
	Name, Familiar, Target string
	Status                 Status
	Error                  string
	ImageDeleted           bool
	Reclaimed              uint64
}

// Host has the callbacks that apply a plan, and the kinds of doubt that it accepts. All except Remove can be nil. A panic
// ends the run, and continues in Apply.
type Host struct {
	// Remove removes name only while it points at target and, unless it is empty, while survivor does, too, all in one
	// step.
	Remove     func(name, target, survivor string) Outcome
	Before     func(Decision) bool
	After      func(Step)
	ShouldStop func() bool
	Accept     []string
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
	return Step{taken(s.name), taken(s.familiar), taken(s.target), Status(s.status), taken(s.error), bool(s.image_deleted),
		uint64(s.reclaimed)}
}

//export pruneplanGoRemove
func pruneplanGoRemove(user unsafe.Pointer, name, target, survivor C.pruneplan_text,
	removal *C.pruneplan_removal) (status C.int32_t) {
	r := runOf(user)
	status = C.PRUNEPLAN_FAILED
	defer r.guard()
	outcome := r.host.Remove(taken(name), taken(target), taken(survivor))
	C.pruneplan_removal_set_error(removal, lend(outcome.Error))
	if outcome.StillNamed {
		C.pruneplan_removal_set_still_named(removal)
	}
	return C.int32_t(outcome.Status)
}

//export pruneplanGoBefore
func pruneplanGoBefore(user unsafe.Pointer, decision *C.pruneplan_decision) (removes C.bool) {
	r := runOf(user)
	defer r.guard()
	return C.bool(r.host.Before == nil || r.host.Before(decisionOf(decision)))
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
	Steps          []Step
	SpaceReclaimed uint64
	Cancelled      bool
}

// Count returns how many steps have this status.
func (r *Report) Count(status Status) (count int) {
	for _, step := range r.Steps {
		if step.Status == status {
			count++
		}
	}
	return count
}

// Untagged returns the familiar names that were removed.
func (r *Report) Untagged() (names []string) {
	for _, step := range r.Steps {
		if step.Status == Removed {
			names = append(names, step.Familiar)
		}
	}
	return names
}

// Deleted returns the targets of the images that were deleted.
func (r *Report) Deleted() (targets []string) {
	for _, step := range r.Steps {
		if step.ImageDeleted {
			targets = append(targets, step.Target)
		}
	}
	return targets
}

// add adds what C reports.
func (r *Report) add(c *C.pruneplan_report) {
	for i := C.size_t(0); i < C.pruneplan_report_steps(c); i++ {
		s := C.pruneplan_step{struct_size: C.sizeof_pruneplan_step}
		must(func(e *C.pruneplan_error) C.bool { return C.pruneplan_report_step(c, i, &s, e) })
		r.Steps = append(r.Steps, stepOf(&s))
	}
	r.SpaceReclaimed += uint64(C.pruneplan_report_space_reclaimed(c))
	r.Cancelled = bool(C.pruneplan_report_cancelled(c))
}

// Apply applies the plan through the host, and adds the steps to the report. If it returns an error or panics, the report
// is correct up to that step.
func (p *Plan) Apply(host Host, report *Report) error {
	var e C.pruneplan_error
	done := C.pruneplan_report_new(&e)
	if done == nil {
		return newError(&e)
	}
	defer C.pruneplan_report_free(done)
	r := &run{host: host}
	user := cgo.NewHandle(r)
	defer user.Delete()
	accept, free := lendAll(host.Accept)
	defer free()
	err := check(func(e *C.pruneplan_error) C.bool {
		return C.apply_in_go(p.open(), C.uintptr_t(user), accept, C.size_t(len(host.Accept)), done, e)
	})
	report.add(done)
	if r.panicked != nil {
		panic(r.panicked)
	}
	return err
}
