// SPDX-License-Identifier: BSL-1.0

// Package pruneplan decides which container images can be deleted, and says why, through the C API of pruneplan.
// The words are those of pruneplan.h, as are the defaults.
//
// Building: run `go build ./...` in the folder of go.mod. It needs cgo and a C++20 compiler, $CXX or g++, and the folders
// examples/c_api and include of pruneplan's tree, which the module is in. It needs no environment variable and no library
// that is built before. The cache of Go does not know the C++ sources: after they change, build with `go build -a ./...`.
//
// Goroutines: all types except Report can be used by several goroutines at the same time.
//
// Handles: Close frees a Listing, Options, Usage or Plan at once, and the garbage collector frees it later. A plan does
// not need its listing and options. A function panics if its value is closed; Close can be called again. A Plan that is
// closed while it is applied is freed at the end of the run.
package pruneplan

/*
#cgo CPPFLAGS: -DNDEBUG -I${SRCDIR}/../.. -I${SRCDIR}/../../../../include
#cgo CXXFLAGS: -std=c++20 -O2 -fvisibility=hidden
#include <stdlib.h>
#include "batch.h"

int32_t pruneplanGoRemove(void *user, pruneplan_text name, pruneplan_text target, pruneplan_text survivor,
                          pruneplan_removal *removal);
bool pruneplanGoBefore(void *user, pruneplan_decision *decision);
void pruneplanGoAfter(void *user, pruneplan_step *step);
bool pruneplanGoShouldStop(void *user);
bool pruneplanGoWrite(void *state, char *data, size_t size);
bool pruneplanGoVisit(void *state, pruneplan_change *change);

// C must not keep Go pointers, so it gets the number of a run.
static inline bool apply_in_go(const pruneplan_plan *plan, uintptr_t user, const pruneplan_text *accept, size_t count,
                               pruneplan_report *report, pruneplan_error *error) {
    pruneplan_host host = {sizeof host, (void *)user, pruneplanGoRemove,
                           (bool (*)(void *, const pruneplan_decision *))pruneplanGoBefore,
                           (void (*)(void *, const pruneplan_step *))pruneplanGoAfter, pruneplanGoShouldStop,
                           accept, count};
    return pruneplan_apply(plan, &host, report, error);
}

typedef bool (*writer)(const pruneplan_plan *, pruneplan_write, void *, pruneplan_error *);
static inline bool write_in_go(bool dot, const pruneplan_plan *plan, uintptr_t state, pruneplan_error *error) {
    writer write = dot ? pruneplan_plan_write_dot : pruneplan_plan_write_json_lines;
    return write(plan, (pruneplan_write)pruneplanGoWrite, (void *)state, error);
}

static inline bool write_usage_in_go(const pruneplan_usage *usage, uintptr_t state, pruneplan_error *error) {
    return pruneplan_usage_write(usage, (pruneplan_write)pruneplanGoWrite, (void *)state, error);
}

static inline bool diff_in_go(const pruneplan_plan *before, const pruneplan_plan *after, uintptr_t state,
                              pruneplan_error *error) {
    return pruneplan_plan_diff(before, after, (bool (*)(void *, const pruneplan_change *))pruneplanGoVisit,
                               (void *)state, error);
}
*/
import "C"

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/cgo"
	"sync"
	"time"
	"unsafe"
)

// Error says what was rejected: Code is a stable word, Message is for a person. errors.As finds it in an error of this
// package; errors.Is compares the code with one of the errors below.
type Error struct{ Code, Message string }

// Errors of this package, by their code. Other codes can be compared with &Error{Code: "..."}.
var (
	ErrInvalidArgument      error = &Error{Code: "invalid_argument"}
	ErrOutOfMemory          error = &Error{Code: "out_of_memory"}
	ErrDuplicateName        error = &Error{Code: "duplicate_name"}
	ErrUnknownFilter        error = &Error{Code: "unknown_filter"}
	ErrBadFilter            error = &Error{Code: "bad_filter"}
	ErrContradictoryFilters error = &Error{Code: "contradictory_filters"}
	ErrBadPattern           error = &Error{Code: "bad_pattern"}
	ErrBadOption            error = &Error{Code: "bad_option"}
	ErrDoubtfulPlan         error = &Error{Code: "doubtful_plan"}
	ErrInvalidFormat        error = &Error{Code: "invalid_format"}
)

func (e *Error) Error() string {
	if e.Message == "" {
		return e.Code
	}
	return e.Message
}

// Is reports whether target has the same code, and either no message or the same one.
func (e *Error) Is(target error) bool {
	t, is := target.(*Error)
	return is && t != nil && t.Code == e.Code && (t.Message == "" || t.Message == e.Message)
}

func newError(e *C.pruneplan_error) error {
	return &Error{C.GoString(&e.code[0]), C.GoString(&e.message[0])}
}

func invalid(message string) error { return &Error{"invalid_argument", message} }

// lend passes the bytes of a text to C for one call, which does not change them.
func lend(text string) C.pruneplan_text {
	if text == "" {
		return C.pruneplan_text{}
	}
	return C.pruneplan_text{data: *(**C.char)(unsafe.Pointer(&text)), size: C.size_t(len(text))}
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

// taken copies a text of C.
func taken(text C.pruneplan_text) string {
	if text.data == nil {
		return ""
	}
	return string(unsafe.Slice((*byte)(unsafe.Pointer(text.data)), text.size))
}

// check returns the error of a call that can fail.
func check(call func(*C.pruneplan_error) C.bool) error {
	e := errorPool.Get().(*C.pruneplan_error)
	defer errorPool.Put(e)
	if call(e) {
		return nil
	}
	return newError(e)
}

// errorPool saves an allocation of 512 bytes for each call.
var errorPool = sync.Pool{New: func() any { return new(C.pruneplan_error) }}

// LiveHandles returns the number of handles that are not freed yet.
func LiveHandles() int { return int(C.pruneplan_live_handles()) }

// Version returns the version of the library.
func Version() string { return C.GoString(C.pruneplan_library_version()) }

// moment calls set with a time in seconds since 1970 and nanoseconds. The zero time is an error: it stands for an unknown
// time, not for a very old one.
func moment(t time.Time, set func(seconds C.int64_t, nanoseconds C.int32_t) error) error {
	if t.IsZero() {
		return invalid("the time is the zero value of time.Time: set no time that is unknown")
	}
	return set(C.int64_t(t.Unix()), C.int32_t(t.Nanosecond()))
}

// Blob is a blob of an image, and its size in bytes.
type Blob struct {
	Digest string
	Size   uint64
}

// Record is an image record. All members after Target are optional.
type Record struct {
	Name     string            // unique, in any form: "alpine", "docker.io/library/alpine:latest"
	Target   string            // the digest that the name points at
	Subject  string            // the target or ID of the image that the record is attached to
	IDs      []string          // further digests by which containers may mean the image
	Needed   []string          // targets or IDs of the images that the image needs
	Labels   map[string]string // for filters
	Blobs    []Blob
	Created  time.Time // the zero time is unknown
	LastUsed time.Time // the zero time is unknown
	Dangling *bool     // nil: whether the name is "moby-dangling@" and the target
	Pinned   bool      // a pinned record is kept
}

// batch has records in the form of batch.h: C must not get memory of Go with pointers in it.
type batch struct {
	numbers              []C.uint64_t
	bytes                []byte
	texts, labels, blobs int
}

func (b *batch) addText(text string) {
	b.numbers = append(b.numbers, C.uint64_t(len(text)))
	b.bytes = append(b.bytes, text...)
}

func (b *batch) addTime(t time.Time) {
	if t.IsZero() {
		b.numbers = append(b.numbers, 0, 0, 0)
	} else {
		b.numbers = append(b.numbers, 1, C.uint64_t(t.Unix()), C.uint64_t(t.Nanosecond()))
	}
}

func (b *batch) add(r *Record) {
	b.addText(r.Name)
	b.addText(r.Target)
	b.addText(r.Subject)
	b.numbers = append(b.numbers, C.uint64_t(len(r.IDs)))
	for _, id := range r.IDs {
		b.addText(id)
	}
	b.numbers = append(b.numbers, C.uint64_t(len(r.Needed)))
	for _, target := range r.Needed {
		b.addText(target)
	}
	b.numbers = append(b.numbers, C.uint64_t(len(r.Labels)))
	for key, value := range r.Labels {
		b.addText(key)
		b.addText(value)
	}
	b.numbers = append(b.numbers, C.uint64_t(len(r.Blobs)))
	for _, blob := range r.Blobs {
		b.addText(blob.Digest)
		b.numbers = append(b.numbers, C.uint64_t(blob.Size))
	}
	b.addTime(r.Created)
	b.addTime(r.LastUsed)
	dangling := C.PRUNEPLAN_UNKNOWN
	if r.Dangling != nil && *r.Dangling {
		dangling = C.PRUNEPLAN_YES
	} else if r.Dangling != nil {
		dangling = C.PRUNEPLAN_NO
	}
	pinned := 0
	if r.Pinned {
		pinned = 1
	}
	b.numbers = append(b.numbers, C.uint64_t(dangling), C.uint64_t(pinned))
	b.texts += len(r.IDs) + len(r.Needed)
	b.labels += len(r.Labels)
	b.blobs += len(r.Blobs)
}

// Listing has image records and containers, numbered from 0.
type Listing struct {
	mutex  sync.RWMutex
	handle *C.pruneplan_listing
}

// NewListing returns an empty listing.
func NewListing() (*Listing, error) {
	var e C.pruneplan_error
	handle := C.pruneplan_listing_new(&e)
	if handle == nil {
		return nil, newError(&e)
	}
	l := &Listing{handle: handle}
	runtime.SetFinalizer(l, (*Listing).Close)
	return l, nil
}

// Close frees the listing.
func (l *Listing) Close() {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.handle == nil {
		return
	}
	C.pruneplan_listing_free(l.handle)
	l.handle = nil
	runtime.SetFinalizer(l, nil)
}

// open returns the handle. The caller has locked the mutex, and so keeps the finalizer from running.
func (l *Listing) open() *C.pruneplan_listing {
	if l.handle == nil {
		panic("pruneplan: the listing is closed")
	}
	return l.handle
}

func (l *Listing) change(call func(*C.pruneplan_listing, *C.pruneplan_error) C.bool) error {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	handle := l.open()
	return check(func(e *C.pruneplan_error) C.bool { return call(handle, e) })
}

// Records returns the number of records.
func (l *Listing) Records() int {
	l.mutex.RLock()
	defer l.mutex.RUnlock()
	return int(C.pruneplan_listing_records(l.open()))
}

// Containers returns the number of containers.
func (l *Listing) Containers() int {
	l.mutex.RLock()
	defer l.mutex.RUnlock()
	return int(C.pruneplan_listing_containers(l.open()))
}

// AddRecords adds records, many of them with one call of C. If an allocation fails, Records tells how many were added.
func (l *Listing) AddRecords(records []Record) error {
	const size = 256 // a batch stays in the first two caches
	l.mutex.Lock()
	defer l.mutex.Unlock()
	handle := l.open()
	b := batch{numbers: []C.uint64_t{0}, bytes: []byte{0}} // so that each has a first element
	for len(records) > 0 {
		next := records
		if len(next) > size {
			next = next[:size]
		}
		b = batch{numbers: b.numbers[:0], bytes: b.bytes[:0]}
		for i := range next {
			b.add(&next[i])
		}
		err := check(func(e *C.pruneplan_error) C.bool {
			bytes := (*C.char)(unsafe.Pointer(&b.bytes[:1][0]))
			return C.pruneplan_add_batch(handle, C.size_t(len(next)), &b.numbers[0], bytes, C.size_t(b.texts),
				C.size_t(b.labels), C.size_t(b.blobs), e)
		})
		if err != nil {
			return err
		}
		records = records[len(next):]
	}
	return nil
}

// AddRecord adds a record: a unique name in any form ("alpine", "docker.io/library/alpine:latest"), and the digest that it
// points at. Two records with the same name are rejected when a plan is made.
func (l *Listing) AddRecord(name, target string) error {
	return l.change(func(h *C.pruneplan_listing, e *C.pruneplan_error) C.bool {
		return C.pruneplan_listing_add_record(h, lend(name), lend(target), e)
	})
}

// SetCreated sets when the image was created. Set no time that is unknown.
func (l *Listing) SetCreated(record int, t time.Time) error {
	return moment(t, func(s C.int64_t, ns C.int32_t) error {
		return l.change(func(h *C.pruneplan_listing, e *C.pruneplan_error) C.bool {
			return C.pruneplan_listing_set_created(h, C.size_t(record), s, ns, e)
		})
	})
}

// SetLastUsed sets when the image was last used. Set no time that is unknown.
func (l *Listing) SetLastUsed(record int, t time.Time) error {
	return moment(t, func(s C.int64_t, ns C.int32_t) error {
		return l.change(func(h *C.pruneplan_listing, e *C.pruneplan_error) C.bool {
			return C.pruneplan_listing_set_last_used(h, C.size_t(record), s,
				ns, e)
		})
	})
}

// SetPinned sets whether the record is pinned: a pinned record is kept.
func (l *Listing) SetPinned(record int, pinned bool) error {
	return l.change(func(h *C.pruneplan_listing, e *C.pruneplan_error) C.bool {
		return C.pruneplan_listing_set_pinned(h, C.size_t(record), C.bool(pinned), e)
	})
}

// SetDangling sets whether the record is dangling. By default, it is if its name is "moby-dangling@" and its target.
func (l *Listing) SetDangling(record int, dangling bool) error {
	return l.change(func(h *C.pruneplan_listing, e *C.pruneplan_error) C.bool {
		return C.pruneplan_listing_set_dangling(h, C.size_t(record), C.bool(dangling), e)
	})
}

// AddID adds a further digest by which containers may mean the record's image.
func (l *Listing) AddID(record int, id string) error {
	return l.change(func(h *C.pruneplan_listing, e *C.pruneplan_error) C.bool {
		return C.pruneplan_listing_add_id(h, C.size_t(record), lend(id), e)
	})
}

// SetSubject sets the target or ID of the image that the record is attached to.
func (l *Listing) SetSubject(record int, target string) error {
	return l.change(func(h *C.pruneplan_listing, e *C.pruneplan_error) C.bool {
		return C.pruneplan_listing_set_subject(h, C.size_t(record), lend(target), e)
	})
}

// AddNeeded adds the target or ID of an image that the record's image needs.
func (l *Listing) AddNeeded(record int, target string) error {
	return l.change(func(h *C.pruneplan_listing, e *C.pruneplan_error) C.bool {
		return C.pruneplan_listing_add_needed(h, C.size_t(record), lend(target), e)
	})
}

// AddLabel adds a label, for filters.
func (l *Listing) AddLabel(record int, key, value string) error {
	return l.change(func(h *C.pruneplan_listing, e *C.pruneplan_error) C.bool {
		return C.pruneplan_listing_add_label(h, C.size_t(record), lend(key), lend(value), e)
	})
}

// AddBlob adds a blob of the image, and its size in bytes.
func (l *Listing) AddBlob(record int, digest string, size uint64) error {
	return l.change(func(h *C.pruneplan_listing, e *C.pruneplan_error) C.bool {
		return C.pruneplan_listing_add_blob(h, C.size_t(record), lend(digest), C.uint64_t(size), e)
	})
}

// AddContainer adds a container: the digest that its runtime reports for its image, and what its user typed, verbatim. Add
// all containers, in any state: a container that is not added protects nothing.
func (l *Listing) AddContainer(imageID, imageRef string) error {
	return l.change(func(h *C.pruneplan_listing, e *C.pruneplan_error) C.bool {
		return C.pruneplan_listing_add_container(h, lend(imageID), lend(imageRef), e)
	})
}

// SetContainerName sets what sentences call the container.
func (l *Listing) SetContainerName(container int, name string) error {
	return l.change(func(h *C.pruneplan_listing, e *C.pruneplan_error) C.bool {
		return C.pruneplan_listing_set_container_name(h, C.size_t(container), lend(name), e)
	})
}

// AddMount adds the digest of an image that the container mounts as a volume.
func (l *Listing) AddMount(container int, imageID string) error {
	return l.change(func(h *C.pruneplan_listing, e *C.pruneplan_error) C.bool {
		return C.pruneplan_listing_add_mount(h, C.size_t(container), lend(imageID), e)
	})
}

// Container is a container. All members after ImageRef are optional.
type Container struct {
	ImageID  string   // the digest that its runtime reports for its image
	ImageRef string   // what its user typed, verbatim
	Name     string   // what sentences call it; without a name, they give its number
	Mounts   []string // digests of the images that it mounts as volumes
}

// lendContainers passes containers to C, until free is called.
func lendContainers(containers []Container) (list *C.pruneplan_container, free func()) {
	var texts []string
	for _, c := range containers {
		texts = append(append(texts, c.ImageID, c.ImageRef, c.Name), c.Mounts...)
	}
	lent, freeTexts := lendAll(texts)
	next := unsafe.Slice(lent, len(texts)+1)
	list = (*C.pruneplan_container)(C.calloc(C.size_t(len(containers)+1), C.sizeof_pruneplan_container))
	passed := unsafe.Slice(list, len(containers))
	for i, c := range containers {
		passed[i] = C.pruneplan_container{struct_size: C.sizeof_pruneplan_container, image_id: next[0],
			image_ref: next[1], name: next[2], mounts: &next[3], mount_count: C.size_t(len(c.Mounts))}
		next = next[3+len(c.Mounts):]
	}
	return list, func() {
		C.free(unsafe.Pointer(list))
		freeTexts()
	}
}

// AddContainers adds all containers with one call of C, or adds none and returns an error.
func (l *Listing) AddContainers(containers []Container) error {
	list, free := lendContainers(containers)
	defer free()
	return l.change(func(h *C.pruneplan_listing, e *C.pruneplan_error) C.bool {
		return C.pruneplan_listing_add_containers(h, list, C.size_t(len(containers)), e)
	})
}

// AddUsage adds each use of a summary as a container, or adds none and returns an error.
func (l *Listing) AddUsage(u *Usage) error {
	u.mutex.RLock() // no function takes the two locks in the other order
	defer u.mutex.RUnlock()
	usage := u.open()
	return l.change(func(h *C.pruneplan_listing, e *C.pruneplan_error) C.bool {
		return C.pruneplan_listing_add_usage(h, usage, e)
	})
}

// ShardOf returns the shard of all records of a target, from 0 to shards-1, the same on every machine and in every
// version. If shards is 0, the error is ErrInvalidArgument.
func ShardOf(target string, shards uint) (shard int, err error) {
	err = check(func(e *C.pruneplan_error) C.bool {
		found := C.pruneplan_shard_of(lend(target), C.size_t(shards), e)
		shard = numberOrNone(found)
		return found != C.PRUNEPLAN_NONE
	})
	return shard, err
}

// Usage is a summary of what containers use, each use once. A node summarizes its containers and sends the summary as
// bytes. A planner merges the summaries of all nodes, and plans with the result as with the containers themselves.
// Containers in a summary have no names.
type Usage struct {
	mutex  sync.RWMutex
	handle *C.pruneplan_usage
}

// NewUsage returns an empty summary.
func NewUsage() (*Usage, error) {
	var e C.pruneplan_error
	handle := C.pruneplan_usage_new(&e)
	if handle == nil {
		return nil, newError(&e)
	}
	u := &Usage{handle: handle}
	runtime.SetFinalizer(u, (*Usage).Close)
	return u, nil
}

// NewUsageFromBytes returns the summary that Bytes wrote on any machine. If data is malformed, the error is
// ErrInvalidFormat.
func NewUsageFromBytes(data []byte) (*Usage, error) {
	u, err := NewUsage()
	if err != nil {
		return nil, err
	}
	if err := u.read(data); err != nil {
		u.Close()
		return nil, err
	}
	return u, nil
}

// Close frees the summary.
func (u *Usage) Close() {
	u.mutex.Lock()
	defer u.mutex.Unlock()
	if u.handle == nil {
		return
	}
	C.pruneplan_usage_free(u.handle)
	u.handle = nil
	runtime.SetFinalizer(u, nil)
}

// open returns the handle. The caller has locked the mutex, and so keeps the finalizer from running.
func (u *Usage) open() *C.pruneplan_usage {
	if u.handle == nil {
		panic("pruneplan: the usage summary is closed")
	}
	return u.handle
}

func (u *Usage) change(call func(*C.pruneplan_usage, *C.pruneplan_error) C.bool) error {
	u.mutex.Lock()
	defer u.mutex.Unlock()
	handle := u.open()
	return check(func(e *C.pruneplan_error) C.bool { return call(handle, e) })
}

func (u *Usage) read(data []byte) error {
	return u.change(func(h *C.pruneplan_usage, e *C.pruneplan_error) C.bool {
		return C.pruneplan_usage_read(h, lend(string(data)), e)
	})
}

// Len returns the number of uses.
func (u *Usage) Len() int {
	u.mutex.RLock()
	defer u.mutex.RUnlock()
	return int(C.pruneplan_usage_size(u.open()))
}

// AddContainers adds the uses of containers. Adding a use again has no effect. If an allocation fails, some of the uses
// were added, and the caller can repeat the call.
func (u *Usage) AddContainers(containers []Container) error {
	list, free := lendContainers(containers)
	defer free()
	return u.change(func(h *C.pruneplan_usage, e *C.pruneplan_error) C.bool {
		return C.pruneplan_usage_add_containers(h, list, C.size_t(len(containers)), e)
	})
}

// Merge adds the uses of another summary. If an allocation fails, it is as for AddContainers.
func (u *Usage) Merge(other *Usage) error {
	// Two goroutines can merge two summaries into each other: none waits for one lock while it has another.
	data, err := other.Bytes()
	if err != nil {
		return err
	}
	return u.read(data)
}

// Bytes returns the summary as bytes, for NewUsageFromBytes on any machine.
func (u *Usage) Bytes() (output []byte, err error) {
	state := cgo.NewHandle(&output)
	defer state.Delete()
	u.mutex.RLock()
	defer u.mutex.RUnlock()
	handle := u.open()
	err = check(func(e *C.pruneplan_error) C.bool {
		return C.write_usage_in_go(handle, C.uintptr_t(state), e)
	})
	return output, err
}

// Options holds what to delete and what to keep.
type Options struct {
	mutex  sync.RWMutex
	handle *C.pruneplan_options
}

// NewOptions returns the defaults: dangling records that the rule "strict" does not protect are deleted.
func NewOptions() (*Options, error) {
	var e C.pruneplan_error
	handle := C.pruneplan_options_new(&e)
	if handle == nil {
		return nil, newError(&e)
	}
	o := &Options{handle: handle}
	runtime.SetFinalizer(o, (*Options).Close)
	return o, nil
}

// Close frees the options.
func (o *Options) Close() {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	if o.handle == nil {
		return
	}
	C.pruneplan_options_free(o.handle)
	o.handle = nil
	runtime.SetFinalizer(o, nil)
}

// open returns the handle. The caller has locked the mutex, and so keeps the finalizer from running.
func (o *Options) open() *C.pruneplan_options {
	if o.handle == nil {
		panic("pruneplan: the options are closed")
	}
	return o.handle
}

func (o *Options) change(call func(*C.pruneplan_options, *C.pruneplan_error) C.bool) error {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	handle := o.open()
	return check(func(e *C.pruneplan_error) C.bool { return call(handle, e) })
}

// SetScope sets "dangling" or "unused".
func (o *Options) SetScope(scope string) error {
	return o.change(func(h *C.pruneplan_options, e *C.pruneplan_error) C.bool {
		return C.pruneplan_options_set_scope(h, lend(scope), e)
	})
}

// SetUsagePreset sets "strict", "containerd_snapshotter", "graph_driver", "whole_image" or "names_only".
func (o *Options) SetUsagePreset(preset string) error {
	return o.change(func(h *C.pruneplan_options, e *C.pruneplan_error) C.bool {
		return C.pruneplan_options_set_usage_preset(h, lend(preset), e)
	})
}

// SetUsage sets a custom usage rule: whether the names that containers were created from are kept; which containers
// protect their image, "created_by_digest", "every_container" or "no_container"; which names an image in use keeps, "last"
// or "all".
func (o *Options) SetUsage(namesInUse bool, digestsInUse, namesKept string) error {
	return o.change(func(h *C.pruneplan_options, e *C.pruneplan_error) C.bool {
		return C.pruneplan_options_set_usage(h, C.bool(namesInUse), lend(digestsInUse), lend(namesKept), e)
	})
}

// AddFilter adds "key=value", as `docker image prune --filter` takes it. Durations count back from now.
func (o *Options) AddFilter(text string, now time.Time) error {
	return moment(now, func(s C.int64_t, ns C.int32_t) error {
		return o.change(func(h *C.pruneplan_options, e *C.pruneplan_error) C.bool {
			return C.pruneplan_options_add_filter(h, lend(text), s, ns, e)
		})
	})
}

// AddKeep adds a pattern of names that are never deleted.
func (o *Options) AddKeep(pattern string) error {
	return o.change(func(h *C.pruneplan_options, e *C.pruneplan_error) C.bool {
		return C.pruneplan_options_add_keep(h, lend(pattern), e)
	})
}

// AddKeepNewest keeps this many of the newest images of each repository, by the names that match the pattern names, or by
// all names if it is empty. by is "created", "last_used", "version" or "name".
func (o *Options) AddKeepNewest(images uint, names, by string) error {
	return o.change(func(h *C.pruneplan_options, e *C.pruneplan_error) C.bool {
		return C.pruneplan_options_add_keep_newest(h, C.size_t(images), lend(names), lend(by), e)
	})
}

// SetKeepYoungerThan keeps images that were used, or else created, at this time or later.
func (o *Options) SetKeepYoungerThan(t time.Time) error {
	return moment(t, func(s C.int64_t, ns C.int32_t) error {
		return o.change(func(h *C.pruneplan_options, e *C.pruneplan_error) C.bool {
			return C.pruneplan_options_set_keep_younger_than(h, s, ns, e)
		})
	})
}

// SetBytesToFree deletes images, least recently used first, until this many bytes are freed; it keeps the rest. A negative
// number is an error of NewPlan.
func (o *Options) SetBytesToFree(bytes int64) error {
	return o.change(func(h *C.pruneplan_options, e *C.pruneplan_error) C.bool {
		return C.pruneplan_options_set_bytes_to_free(h, C.int64_t(bytes), e)
	})
}

// SetDeleteUnusedBefore deletes images last used before this time even when enough is freed, with SetBytesToFree.
func (o *Options) SetDeleteUnusedBefore(t time.Time) error {
	return moment(t, func(s C.int64_t, ns C.int32_t) error {
		return o.change(func(h *C.pruneplan_options, e *C.pruneplan_error) C.bool {
			return C.pruneplan_options_set_delete_unused_before(h, s, ns, e)
		})
	})
}

// SetSurvivor selects the name that an image in use keeps: "last_by_name", "first_by_name", "newest", "oldest" or
// "tagged".
func (o *Options) SetSurvivor(survivor string) error {
	return o.change(func(h *C.pruneplan_options, e *C.pruneplan_error) C.bool {
		return C.pruneplan_options_set_survivor(h, lend(survivor), e)
	})
}

// Plan says keep or delete for every record, and why. It needs neither listing nor options. Like an index of a slice, a
// number that is out of range panics.
type Plan struct {
	mutex  sync.Mutex
	handle *C.pruneplan_plan
	users  int // calls that use the handle now
	closed bool
}

// NewPlan makes a plan. The listing and the options can be changed or closed afterwards. The options can be nil.
func NewPlan(l *Listing, o *Options) (*Plan, error) {
	var e C.pruneplan_error
	l.mutex.RLock()
	defer l.mutex.RUnlock()
	var options *C.pruneplan_options
	if o != nil {
		o.mutex.RLock()
		defer o.mutex.RUnlock()
		options = o.open()
	}
	handle := C.pruneplan_plan_new(l.open(), options, &e)
	if handle == nil {
		return nil, newError(&e)
	}
	p := &Plan{handle: handle}
	runtime.SetFinalizer(p, (*Plan).Close)
	return p, nil
}

// Close frees the plan at once, or at the end of the calls that use it.
func (p *Plan) Close() {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.closed || p.handle == nil {
		return
	}
	p.closed = true
	p.freeIfUnused()
	runtime.SetFinalizer(p, nil)
}

func (p *Plan) freeIfUnused() {
	if p.closed && p.users == 0 {
		C.pruneplan_plan_free(p.handle)
		p.handle = nil
	}
}

// use calls a function with the handle, which is not freed before it returns.
func (p *Plan) use(call func(*C.pruneplan_plan)) {
	p.open()
	defer p.done()
	call(p.handle)
}

func (p *Plan) open() {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.closed || p.handle == nil {
		panic("pruneplan: the plan is closed")
	}
	p.users++
}

func (p *Plan) done() {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.users--
	p.freeIfUnused()
}

// must panics if a call fails.
func must(call func(*C.pruneplan_error) C.bool) {
	if err := check(call); err != nil {
		panic("pruneplan: " + err.Error())
	}
}

// Records returns the number of records.
func (p *Plan) Records() (count int) {
	p.use(func(h *C.pruneplan_plan) { count = int(C.pruneplan_plan_records(h)) })
	return count
}

// Kept returns the number of records that are kept.
func (p *Plan) Kept() (count int) {
	p.use(func(h *C.pruneplan_plan) { count = int(C.pruneplan_plan_kept(h)) })
	return count
}

// Deleted returns the number of records that are deleted.
func (p *Plan) Deleted() (count int) {
	p.use(func(h *C.pruneplan_plan) { count = int(C.pruneplan_plan_deleted(h)) })
	return count
}

// Decision is what a plan does with a record. Container and Option are the numbers of what caused it, or -1.
type Decision struct {
	Record            int
	Name, Target      string
	Deletes, Mounted  bool
	Reason            string
	Container, Option int
}

// String returns "delete alpine:3.20: unused".
func (d Decision) String() string {
	action := "keep"
	if d.Deletes {
		action = "delete"
	}
	return fmt.Sprintf("%s %s: %s", action, d.Name, d.Reason)
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

// Decision returns the decision on a record.
func (p *Plan) Decision(record int) (decision Decision) {
	p.use(func(h *C.pruneplan_plan) {
		d := C.pruneplan_decision{struct_size: C.sizeof_pruneplan_decision}
		must(func(e *C.pruneplan_error) C.bool { return C.pruneplan_plan_decision(h, C.size_t(record), &d, e) })
		decision = decisionOf(&d)
	})
	return decision
}

// Decisions returns the decisions, in the order of the records.
func (p *Plan) Decisions() (decisions []Decision) {
	p.use(func(h *C.pruneplan_plan) {
		decisions = make([]Decision, C.pruneplan_plan_records(h))
		d := C.pruneplan_decision{struct_size: C.sizeof_pruneplan_decision}
		for i := range decisions {
			must(func(e *C.pruneplan_error) C.bool { return C.pruneplan_plan_decision(h, C.size_t(i), &d, e) })
			decisions[i] = decisionOf(&d)
		}
	})
	return decisions
}

// Deletions returns the records that are deleted, in order: an image before the images that it needs, then by name.
func (p *Plan) Deletions() (records []int) {
	p.use(func(h *C.pruneplan_plan) {
		records = make([]int, C.pruneplan_plan_deleted(h))
		for step := range records {
			records[step] = int(C.pruneplan_plan_deletion(h, C.size_t(step)))
		}
	})
	return records
}

// Count returns how many records have this reason. An unknown reason is an error.
func (p *Plan) Count(reason string) (count int, err error) {
	p.use(func(h *C.pruneplan_plan) {
		err = check(func(e *C.pruneplan_error) C.bool {
			found := C.pruneplan_plan_count(h, lend(reason), e)
			if found == C.PRUNEPLAN_NONE {
				return false
			}
			count = int(found)
			return true
		})
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
func (p *Plan) Explain(record int) (explanation string) {
	p.Decision(record)
	p.use(func(h *C.pruneplan_plan) {
		explanation = sentence(func(buffer *C.char, capacity C.size_t) C.size_t {
			return C.pruneplan_plan_explain(h, C.size_t(record), buffer, capacity)
		})
	})
	return explanation
}

// Summary returns a sentence on the whole plan.
func (p *Plan) Summary() (summary string) {
	p.use(func(h *C.pruneplan_plan) {
		summary = sentence(func(buffer *C.char, capacity C.size_t) C.size_t {
			return C.pruneplan_plan_summary(h, buffer, capacity)
		})
	})
	return summary
}

// written returns the plan as text.
func (p *Plan) written(dot bool) (output []byte, err error) {
	state := cgo.NewHandle(&output)
	defer state.Delete()
	p.use(func(h *C.pruneplan_plan) {
		err = check(func(e *C.pruneplan_error) C.bool {
			return C.write_in_go(C.bool(dot), h, C.uintptr_t(state), e)
		})
	})
	return output, err
}

//export pruneplanGoWrite
func pruneplanGoWrite(state unsafe.Pointer, data *C.char, size C.size_t) C.bool {
	output := cgo.Handle(uintptr(state)).Value().(*[]byte)
	*output = append(*output, unsafe.Slice((*byte)(unsafe.Pointer(data)), size)...)
	return true
}

// JSONLines returns the plan as JSON lines, one object for each record and each doubt.
func (p *Plan) JSONLines() ([]byte, error) { return p.written(false) }

// DOT returns the plan as a graph in the DOT language of Graphviz.
func (p *Plan) DOT() ([]byte, error) { return p.written(true) }

// Change is a record on which two plans differ. Kind is a stable word, the first of these that is true: "added",
// "removed", "newly_deleted", "newly_kept", "target_changed" or "reason_changed". Before and After are the record's number
// in each plan, or -1; a reason is empty if a plan does not have the record. TargetChanged tells that the name points at
// another target, whatever Kind is.
type Change struct {
	Kind, Name                string
	Before, After             int
	ReasonBefore, ReasonAfter string
	TargetChanged             bool
}

// Diff returns the records on which a newer plan, or one with other options, decides differently: the records of p in
// their order, then the added ones of after. Records with the same name are compared.
func (p *Plan) Diff(after *Plan) (changes []Change, err error) {
	state := cgo.NewHandle(&changes)
	defer state.Delete()
	p.use(func(h *C.pruneplan_plan) {
		after.use(func(other *C.pruneplan_plan) {
			err = check(func(e *C.pruneplan_error) C.bool {
				return C.diff_in_go(h, other, C.uintptr_t(state), e)
			})
		})
	})
	return changes, err
}

//export pruneplanGoVisit
func pruneplanGoVisit(state unsafe.Pointer, c *C.pruneplan_change) C.bool {
	changes := cgo.Handle(uintptr(state)).Value().(*[]Change)
	*changes = append(*changes, Change{taken(c.kind), taken(c.name), numberOrNone(c.before), numberOrNone(c.after),
		taken(c.reason_before), taken(c.reason_after), bool(c.target_changed)})
	return true
}

// Doubt is what the planner was not sure of. Apply rejects a plan with a doubt that blocks and is not accepted.
type Doubt struct {
	Kind     string
	Number   int
	Blocks   bool
	Sentence string
}

// String returns the sentence.
func (d Doubt) String() string { return d.Sentence }

// Doubts returns what the planner was not sure of.
func (p *Plan) Doubts() (doubts []Doubt) {
	p.use(func(h *C.pruneplan_plan) {
		doubts = make([]Doubt, C.pruneplan_plan_doubts(h))
		for i := range doubts {
			d := C.pruneplan_doubt{struct_size: C.sizeof_pruneplan_doubt}
			must(func(e *C.pruneplan_error) C.bool { return C.pruneplan_plan_doubt(h, C.size_t(i), &d, e) })
			doubts[i] = Doubt{taken(d.kind), int(d.number), bool(d.blocks), taken(d.sentence)}
		}
	})
	return doubts
}

// Space is what a plan frees and keeps, in bytes, and the number of blobs that are listed with several sizes.
type Space struct{ Freed, Shared, Kept, InconsistentBlobs uint64 }

// Space estimates what the plan frees, from the blobs of the records.
func (p *Plan) Space() (space Space) {
	p.use(func(h *C.pruneplan_plan) {
		s := C.pruneplan_space{struct_size: C.sizeof_pruneplan_space}
		must(func(e *C.pruneplan_error) C.bool { return C.pruneplan_plan_space(h, &s, e) })
		space = Space{uint64(s.freed), uint64(s.shared), uint64(s.kept), uint64(s.inconsistent_blobs)}
	})
	return space
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

// String returns a stable word: "failed", "removed", ...
func (s Status) String() string {
	if word := taken(C.pruneplan_status_word(C.int32_t(s))); word != "" {
		return word
	}
	return fmt.Sprintf("Status(%d)", int32(s))
}

// Outcome describes a removal. Err is the store's error. StillNamed tells that the store has another name for the target,
// which the plan does not have. The zero value is a failure.
type Outcome struct {
	Status     Status
	Err        error
	StillNamed bool
}

// Step is a step that was tried, vetoed, or not taken because the image is needed or attached to a kept one. Err is the
// error that Remove returned, so errors.Is and errors.As find what the store reported.
type Step struct {
	Name, Familiar, Target string
	Status                 Status
	Err                    error
	ImageDeleted           bool
	Reclaimed              uint64
}

// Host has the callbacks that apply a plan, and the kinds of doubt that it accepts. All except Remove can be nil. Apply
// calls them in its own goroutine. A panic ends the run, and continues in Apply.
type Host struct {
	// Remove removes name only while it points at target and, unless it is empty, while survivor does, too, all in one
	// step. The context is that of Apply. For SurvivorGone, it is called again with the next name that the image keeps.
	Remove     func(ctx context.Context, name, target, survivor string) Outcome
	Before     func(Decision) bool // called before each removal: false skips it
	After      func(Step)          // called after each step
	ShouldStop func() bool         // called before each step: true ends the run
	Accept     []string
}

// run is one call of Apply; C refers to it by a number.
type run struct {
	ctx       context.Context
	host      Host
	errors    map[string]error // what Remove returned, by the name of the record
	cancelled error            // of the context, if it ended the run
	unwound   bool             // a callback panicked, and is not called again
	panicked  any
}

func runOf(user unsafe.Pointer) *run { return cgo.Handle(uintptr(user)).Value().(*run) }

// call calls a function of the host, unless one has panicked. It keeps a panic from passing through C.
func (r *run) call(function func()) {
	if r.unwound {
		return
	}
	r.unwound = true // until the function returns: a panic can have the value nil
	defer func() {
		if r.unwound {
			r.panicked = recover()
		}
	}()
	function()
	r.unwound = false
}

func (r *run) stepOf(s *C.pruneplan_step) Step {
	step := Step{taken(s.name), taken(s.familiar), taken(s.target), Status(s.status), nil, bool(s.image_deleted),
		uint64(s.reclaimed)}
	message := taken(s.error)
	if err, is := r.errors[step.Name]; is && err.Error() == message {
		step.Err = err
	} else if message != "" {
		step.Err = errors.New(message)
	}
	return step
}

//export pruneplanGoRemove
func pruneplanGoRemove(user unsafe.Pointer, name, target, survivor C.pruneplan_text,
	removal *C.pruneplan_removal) C.int32_t {
	r := runOf(user)
	outcome := Outcome{Err: errors.New("the host panicked")}
	message := outcome.Err.Error()
	r.call(func() {
		record := taken(name)
		returned := r.host.Remove(r.ctx, record, taken(target), taken(survivor))
		if delete(r.errors, record); returned.Err != nil {
			message, r.errors[record] = returned.Err.Error(), returned.Err
		} else {
			message = ""
		}
		outcome = returned
	})
	C.pruneplan_removal_set_error(removal, lend(message))
	if outcome.StillNamed {
		C.pruneplan_removal_set_still_named(removal)
	}
	return C.int32_t(outcome.Status)
}

//export pruneplanGoBefore
func pruneplanGoBefore(user unsafe.Pointer, decision *C.pruneplan_decision) C.bool {
	r := runOf(user)
	removes := r.host.Before == nil && !r.unwound
	if r.host.Before != nil {
		r.call(func() { removes = r.host.Before(decisionOf(decision)) })
	}
	return C.bool(removes)
}

//export pruneplanGoAfter
func pruneplanGoAfter(user unsafe.Pointer, step *C.pruneplan_step) {
	r := runOf(user)
	if r.host.After != nil {
		r.call(func() { r.host.After(r.stepOf(step)) })
	}
}

//export pruneplanGoShouldStop
func pruneplanGoShouldStop(user unsafe.Pointer) C.bool {
	r := runOf(user)
	stops := true
	r.call(func() {
		r.cancelled = r.ctx.Err()
		stops = r.cancelled != nil || (r.host.ShouldStop != nil && r.host.ShouldStop())
	})
	return C.bool(stops)
}

// Report says what was done. Cancelled tells that the context, ShouldStop or a panic ended the run before its last step.
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
func (r *Report) add(c *C.pruneplan_report, run *run) {
	r.SpaceReclaimed += uint64(C.pruneplan_report_space_reclaimed(c))
	r.Cancelled = bool(C.pruneplan_report_cancelled(c))
	for i := C.size_t(0); i < C.pruneplan_report_steps(c); i++ {
		s := C.pruneplan_step{struct_size: C.sizeof_pruneplan_step}
		must(func(e *C.pruneplan_error) C.bool { return C.pruneplan_report_step(c, i, &s, e) })
		r.Steps = append(r.Steps, run.stepOf(&s))
	}
}

// Apply applies the plan through the host, and adds the steps to the report, also those before an error or a panic.
//
// If the context is cancelled or its deadline passes, the run ends before the next step, and Apply returns ctx.Err(). If
// the plan has a doubt that blocks and is not accepted, nothing is removed, and the error is ErrDoubtfulPlan. A panic of
// the host passes through Apply with its value.
func (p *Plan) Apply(ctx context.Context, host Host, report *Report) (err error) {
	if host.Remove == nil || report == nil {
		return invalid("Apply needs the host's function Remove and a report")
	}
	if err := ctx.Err(); err != nil {
		report.Cancelled = true
		return err
	}
	var e C.pruneplan_error
	done := C.pruneplan_report_new(&e)
	if done == nil {
		return newError(&e)
	}
	r := &run{ctx: ctx, host: host, errors: map[string]error{}}
	user := cgo.NewHandle(r)
	accept, free := lendAll(host.Accept)
	// These run also if a callback ends the goroutine with runtime.Goexit.
	defer C.pruneplan_report_free(done)
	defer user.Delete()
	defer free()
	defer func() { report.add(done, r) }()
	p.use(func(h *C.pruneplan_plan) {
		err = check(func(e *C.pruneplan_error) C.bool {
			return C.apply_in_go(h, C.uintptr_t(user), accept, C.size_t(len(host.Accept)), done, e)
		})
	})
	if r.unwound {
		panic(r.panicked)
	}
	if err == nil {
		err = r.cancelled
	}
	return err
}
