// SPDX-License-Identifier: BSL-1.0

//! pruneplan for Rust, through its C API: decides which container images can be deleted, and says why.
//!
//! Texts are bytes. Handles are freed when they are dropped. The words are those of pruneplan.h, as are the defaults.

use std::any::Any;
use std::ffi::CStr;
use std::os::raw::{c_char, c_void};
use std::panic::{catch_unwind, resume_unwind, AssertUnwindSafe};
use std::ptr::{null, null_mut};

mod c {
    use super::*;

    #[repr(C)]
    #[derive(Clone, Copy)]
    pub struct Text {
        pub data: *const c_char,
        pub size: usize,
    }

    #[repr(C)]
    pub struct Error {
        pub code: [c_char; 32],
        pub message: [c_char; 480],
    }

    #[repr(C)]
    pub struct Space {
        pub struct_size: usize,
        pub freed: u64,
        pub shared: u64,
        pub kept: u64,
        pub inconsistent_blobs: u64,
    }

    #[repr(C)]
    pub struct Decision {
        pub struct_size: usize,
        pub record: usize,
        pub name: Text,
        pub target: Text,
        pub deletes: bool,
        pub mounted: bool,
        pub reason: Text,
        pub container: usize,
        pub option: usize,
    }

    #[repr(C)]
    pub struct Doubt {
        pub struct_size: usize,
        pub kind: Text,
        pub number: usize,
        pub blocks: bool,
        pub sentence: Text,
    }

    #[repr(C)]
    pub struct Step {
        pub struct_size: usize,
        pub name: Text,
        pub familiar: Text,
        pub target: Text,
        pub status: i32,
        pub error: Text,
        pub image_deleted: bool,
        pub reclaimed: u64,
    }

    #[repr(C)]
    pub struct Host {
        pub struct_size: usize,
        pub user: *mut c_void,
        pub remove: extern "C" fn(*mut c_void, Text, Text, Text, *mut Removal) -> i32,
        pub before: extern "C" fn(*mut c_void, *const Decision) -> bool,
        pub after: extern "C" fn(*mut c_void, *const Step),
        pub should_stop: extern "C" fn(*mut c_void) -> bool,
        pub accept: *const Text,
        pub accept_count: usize,
    }

    pub enum Listing {}
    pub enum Options {}
    pub enum Plan {}
    pub enum Report {}
    pub enum Removal {}

    #[link(name = "pruneplan_c")]
    extern "C" {
        pub fn pruneplan_live_handles() -> usize;
        pub fn pruneplan_library_version() -> *const c_char;
        pub fn pruneplan_listing_new(error: *mut Error) -> *mut Listing;
        pub fn pruneplan_listing_free(listing: *mut Listing);
        pub fn pruneplan_listing_records(listing: *const Listing) -> usize;
        pub fn pruneplan_listing_containers(listing: *const Listing) -> usize;
        pub fn pruneplan_listing_add_record(l: *mut Listing, name: Text, target: Text, error: *mut Error) -> bool;
        pub fn pruneplan_listing_set_created(l: *mut Listing, record: usize, s: i64, ns: i32, e: *mut Error) -> bool;
        pub fn pruneplan_listing_set_last_used(l: *mut Listing, record: usize, s: i64, ns: i32, e: *mut Error) -> bool;
        pub fn pruneplan_listing_set_pinned(l: *mut Listing, record: usize, pinned: bool, error: *mut Error) -> bool;
        pub fn pruneplan_listing_set_dangling(l: *mut Listing, record: usize, dangling: bool, e: *mut Error) -> bool;
        pub fn pruneplan_listing_add_id(l: *mut Listing, record: usize, id: Text, error: *mut Error) -> bool;
        pub fn pruneplan_listing_set_subject(l: *mut Listing, record: usize, target: Text, error: *mut Error) -> bool;
        pub fn pruneplan_listing_add_needed(l: *mut Listing, record: usize, target: Text, error: *mut Error) -> bool;
        pub fn pruneplan_listing_add_label(l: *mut Listing, record: usize, k: Text, v: Text, error: *mut Error) -> bool;
        pub fn pruneplan_listing_add_blob(l: *mut Listing, record: usize, d: Text, size: u64, e: *mut Error) -> bool;
        pub fn pruneplan_listing_add_container(l: *mut Listing, id: Text, image_ref: Text, error: *mut Error) -> bool;
        pub fn pruneplan_listing_set_container_name(l: *mut Listing, c: usize, name: Text, error: *mut Error) -> bool;
        pub fn pruneplan_listing_add_mount(l: *mut Listing, container: usize, id: Text, error: *mut Error) -> bool;
        pub fn pruneplan_options_new(error: *mut Error) -> *mut Options;
        pub fn pruneplan_options_free(options: *mut Options);
        pub fn pruneplan_options_set_scope(o: *mut Options, scope: Text, error: *mut Error) -> bool;
        pub fn pruneplan_options_set_usage_preset(o: *mut Options, preset: Text, error: *mut Error) -> bool;
        pub fn pruneplan_options_set_usage(o: *mut Options, names: bool, d: Text, kept: Text, error: *mut Error) -> bool;
        pub fn pruneplan_options_add_filter(o: *mut Options, filter: Text, s: i64, ns: i32, error: *mut Error) -> bool;
        pub fn pruneplan_options_add_keep(o: *mut Options, pattern: Text, error: *mut Error) -> bool;
        pub fn pruneplan_options_add_keep_newest(o: *mut Options, n: usize, names: Text, by: Text, e: *mut Error) -> bool;
        pub fn pruneplan_options_set_keep_younger_than(o: *mut Options, s: i64, ns: i32, error: *mut Error) -> bool;
        pub fn pruneplan_options_set_bytes_to_free(o: *mut Options, bytes: i64, error: *mut Error) -> bool;
        pub fn pruneplan_options_set_delete_unused_before(o: *mut Options, s: i64, ns: i32, error: *mut Error) -> bool;
        pub fn pruneplan_options_set_survivor(o: *mut Options, survivor: Text, error: *mut Error) -> bool;
        pub fn pruneplan_plan_new(l: *const Listing, o: *const Options, error: *mut Error) -> *mut Plan;
        pub fn pruneplan_plan_free(plan: *mut Plan);
        pub fn pruneplan_plan_records(plan: *const Plan) -> usize;
        pub fn pruneplan_plan_kept(plan: *const Plan) -> usize;
        pub fn pruneplan_plan_deleted(plan: *const Plan) -> usize;
        pub fn pruneplan_plan_decision(p: *const Plan, record: usize, d: *mut Decision, error: *mut Error) -> bool;
        pub fn pruneplan_plan_deletion(plan: *const Plan, step: usize) -> usize;
        pub fn pruneplan_plan_count(plan: *const Plan, reason: Text, error: *mut Error) -> usize;
        pub fn pruneplan_plan_explain(plan: *const Plan, record: usize, buffer: *mut c_char, capacity: usize) -> usize;
        pub fn pruneplan_plan_summary(plan: *const Plan, buffer: *mut c_char, capacity: usize) -> usize;
        pub fn pruneplan_plan_doubts(plan: *const Plan) -> usize;
        pub fn pruneplan_plan_doubt(plan: *const Plan, i: usize, doubt: *mut Doubt, error: *mut Error) -> bool;
        pub fn pruneplan_plan_space(plan: *const Plan, space: *mut Space, error: *mut Error) -> bool;
        pub fn pruneplan_status_word(status: i32) -> Text;
        pub fn pruneplan_removal_set_error(removal: *mut Removal, words: Text);
        pub fn pruneplan_removal_set_still_named(removal: *mut Removal);
        pub fn pruneplan_report_new(error: *mut Error) -> *mut Report;
        pub fn pruneplan_report_free(report: *mut Report);
        pub fn pruneplan_apply(p: *const Plan, host: *const Host, report: *mut Report, error: *mut Error) -> bool;
        pub fn pruneplan_report_steps(report: *const Report) -> usize;
        pub fn pruneplan_report_step(report: *const Report, i: usize, step: *mut Step, error: *mut Error) -> bool;
        pub fn pruneplan_report_space_reclaimed(report: *const Report) -> u64;
        pub fn pruneplan_report_cancelled(report: *const Report) -> bool;
    }
}

/// What was rejected: `code` is a stable word, `message` is for a person.
#[derive(Debug)]
pub struct Error {
    pub code: String,
    pub message: String,
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

fn lend(text: &[u8]) -> c::Text {
    c::Text { data: text.as_ptr() as *const c_char, size: text.len() }
}

/// The bytes are valid as long as the handle that they belong to.
unsafe fn taken<'a>(text: c::Text) -> &'a [u8] {
    if text.data.is_null() {
        return &[];
    }
    std::slice::from_raw_parts(text.data as *const u8, text.size)
}

unsafe fn word(text: c::Text) -> &'static str {
    std::str::from_utf8_unchecked(taken(text))
}

fn with_error<T>(call: impl FnOnce(*mut c::Error) -> T, succeeded: impl FnOnce(&T) -> bool) -> Result<T, Error> {
    let mut error = c::Error { code: [0; 32], message: [0; 480] };
    let result = call(&mut error);
    if succeeded(&result) {
        return Ok(result);
    }
    let text = |field: &[c_char]| unsafe { CStr::from_ptr(field.as_ptr()).to_string_lossy().into_owned() };
    Err(Error { code: text(&error.code), message: text(&error.message) })
}

fn check(call: impl FnOnce(*mut c::Error) -> bool) -> Result<(), Error> {
    with_error(call, |done| *done).map(|_| ())
}

/// Returns the struct that a call fills. It begins with its size; all other bytes can be 0.
fn filled<T>(call: impl FnOnce(*mut T, *mut c::Error) -> bool) -> Result<T, Error> {
    unsafe {
        let mut value: T = std::mem::zeroed();
        *(&mut value as *mut T as *mut usize) = std::mem::size_of::<T>();
        check(|e| call(&mut value, e)).map(|()| value)
    }
}

/// Returns a sentence that a call writes to a buffer.
fn sentence(write: impl Fn(*mut c_char, usize) -> usize) -> Vec<u8> {
    let mut sentence = vec![0u8; write(null_mut(), 0)];
    write(sentence.as_mut_ptr() as *mut c_char, sentence.len());
    sentence
}

fn number_or_none(number: usize) -> Option<usize> {
    if number == usize::MAX { None } else { Some(number) }
}

fn handle<T>(call: impl FnOnce(*mut c::Error) -> *mut T) -> Result<*mut T, Error> {
    with_error(call, |pointer| !pointer.is_null())
}

/// Returns the number of handles in the process that are not dropped yet.
pub fn live_handles() -> usize {
    unsafe { c::pruneplan_live_handles() }
}

pub fn version() -> &'static str {
    unsafe { CStr::from_ptr(c::pruneplan_library_version()).to_str().unwrap_or("") }
}

/// Image records and containers, numbered from 0.
pub struct Listing(*mut c::Listing);

impl Listing {
    pub fn new() -> Result<Listing, Error> {
        handle(|e| unsafe { c::pruneplan_listing_new(e) }).map(Listing)
    }
    pub fn records(&self) -> usize {
        unsafe { c::pruneplan_listing_records(self.0) }
    }
    pub fn containers(&self) -> usize {
        unsafe { c::pruneplan_listing_containers(self.0) }
    }
    pub fn add_record(&mut self, name: &[u8], target: &[u8]) -> Result<(), Error> {
        check(|e| unsafe { c::pruneplan_listing_add_record(self.0, lend(name), lend(target), e) })
    }
    pub fn set_created(&mut self, record: usize, seconds: i64, nanoseconds: i32) -> Result<(), Error> {
        check(|e| unsafe { c::pruneplan_listing_set_created(self.0, record, seconds, nanoseconds, e) })
    }
    pub fn set_last_used(&mut self, record: usize, seconds: i64, nanoseconds: i32) -> Result<(), Error> {
        check(|e| unsafe { c::pruneplan_listing_set_last_used(self.0, record, seconds, nanoseconds, e) })
    }
    pub fn set_pinned(&mut self, record: usize, pinned: bool) -> Result<(), Error> {
        check(|e| unsafe { c::pruneplan_listing_set_pinned(self.0, record, pinned, e) })
    }
    pub fn set_dangling(&mut self, record: usize, dangling: bool) -> Result<(), Error> {
        check(|e| unsafe { c::pruneplan_listing_set_dangling(self.0, record, dangling, e) })
    }
    /// Adds a further digest by which containers may mean the record's image.
    pub fn add_id(&mut self, record: usize, id: &[u8]) -> Result<(), Error> {
        check(|e| unsafe { c::pruneplan_listing_add_id(self.0, record, lend(id), e) })
    }
    /// Sets the target or ID of the image that the record is attached to.
    pub fn set_subject(&mut self, record: usize, target: &[u8]) -> Result<(), Error> {
        check(|e| unsafe { c::pruneplan_listing_set_subject(self.0, record, lend(target), e) })
    }
    /// Adds the target or ID of an image that the record's image needs.
    pub fn add_needed(&mut self, record: usize, target: &[u8]) -> Result<(), Error> {
        check(|e| unsafe { c::pruneplan_listing_add_needed(self.0, record, lend(target), e) })
    }
    pub fn add_label(&mut self, record: usize, key: &[u8], value: &[u8]) -> Result<(), Error> {
        check(|e| unsafe { c::pruneplan_listing_add_label(self.0, record, lend(key), lend(value), e) })
    }
    pub fn add_blob(&mut self, record: usize, digest: &[u8], size: u64) -> Result<(), Error> {
        check(|e| unsafe { c::pruneplan_listing_add_blob(self.0, record, lend(digest), size, e) })
    }
    pub fn add_container(&mut self, image_id: &[u8], image_ref: &[u8]) -> Result<(), Error> {
        check(|e| unsafe { c::pruneplan_listing_add_container(self.0, lend(image_id), lend(image_ref), e) })
    }
    /// Sets what sentences call the container.
    pub fn set_container_name(&mut self, container: usize, name: &[u8]) -> Result<(), Error> {
        check(|e| unsafe { c::pruneplan_listing_set_container_name(self.0, container, lend(name), e) })
    }
    pub fn add_mount(&mut self, container: usize, image_id: &[u8]) -> Result<(), Error> {
        check(|e| unsafe { c::pruneplan_listing_add_mount(self.0, container, lend(image_id), e) })
    }
}

impl Drop for Listing {
    fn drop(&mut self) {
        unsafe { c::pruneplan_listing_free(self.0) }
    }
}

/// What to delete and what to keep.
pub struct Options(*mut c::Options);

impl Options {
    pub fn new() -> Result<Options, Error> {
        handle(|e| unsafe { c::pruneplan_options_new(e) }).map(Options)
    }
    pub fn set_scope(&mut self, scope: &[u8]) -> Result<(), Error> {
        check(|e| unsafe { c::pruneplan_options_set_scope(self.0, lend(scope), e) })
    }
    pub fn set_usage_preset(&mut self, preset: &[u8]) -> Result<(), Error> {
        check(|e| unsafe { c::pruneplan_options_set_usage_preset(self.0, lend(preset), e) })
    }
    pub fn set_usage(&mut self, names_in_use: bool, digests_in_use: &[u8], names_kept: &[u8]) -> Result<(), Error> {
        let (digests, kept) = (lend(digests_in_use), lend(names_kept));
        check(|e| unsafe { c::pruneplan_options_set_usage(self.0, names_in_use, digests, kept, e) })
    }
    pub fn add_filter(&mut self, filter: &[u8], now: (i64, i32)) -> Result<(), Error> {
        check(|e| unsafe { c::pruneplan_options_add_filter(self.0, lend(filter), now.0, now.1, e) })
    }
    pub fn add_keep(&mut self, pattern: &[u8]) -> Result<(), Error> {
        check(|e| unsafe { c::pruneplan_options_add_keep(self.0, lend(pattern), e) })
    }
    /// Keeps this many images of each repository, by the names that match a pattern, or by all if it is empty.
    pub fn add_keep_newest(&mut self, images: usize, names: &[u8], by: &[u8]) -> Result<(), Error> {
        check(|e| unsafe { c::pruneplan_options_add_keep_newest(self.0, images, lend(names), lend(by), e) })
    }
    pub fn set_keep_younger_than(&mut self, seconds: i64, nanoseconds: i32) -> Result<(), Error> {
        check(|e| unsafe { c::pruneplan_options_set_keep_younger_than(self.0, seconds, nanoseconds, e) })
    }
    pub fn set_bytes_to_free(&mut self, bytes: i64) -> Result<(), Error> {
        check(|e| unsafe { c::pruneplan_options_set_bytes_to_free(self.0, bytes, e) })
    }
    pub fn set_delete_unused_before(&mut self, seconds: i64, nanoseconds: i32) -> Result<(), Error> {
        check(|e| unsafe { c::pruneplan_options_set_delete_unused_before(self.0, seconds, nanoseconds, e) })
    }
    pub fn set_survivor(&mut self, survivor: &[u8]) -> Result<(), Error> {
        check(|e| unsafe { c::pruneplan_options_set_survivor(self.0, lend(survivor), e) })
    }
}

impl Drop for Options {
    fn drop(&mut self) {
        unsafe { c::pruneplan_options_free(self.0) }
    }
}

/// Bytes, each blob counted once.
#[derive(Debug)]
pub struct Space {
    pub freed: u64,
    pub shared: u64,
    pub kept: u64,
    pub inconsistent_blobs: u64,
}

/// What a plan does with a record.
#[derive(Debug)]
pub struct Decision<'a> {
    pub record: usize,
    pub name: &'a [u8],
    pub target: &'a [u8],
    pub deletes: bool,
    pub mounted: bool,
    pub reason: &'static str,
    /// The container that caused the decision.
    pub container: Option<usize>,
    /// The filter, pattern or rule of newest that decided.
    pub option: Option<usize>,
}

unsafe fn decision_of<'a>(decision: &c::Decision) -> Decision<'a> {
    Decision {
        record: decision.record,
        name: taken(decision.name),
        target: taken(decision.target),
        deletes: decision.deletes,
        mounted: decision.mounted,
        reason: word(decision.reason),
        container: number_or_none(decision.container),
        option: number_or_none(decision.option),
    }
}

/// What the planner was not sure of. `Plan::apply` rejects a plan with a doubt that blocks and is not accepted.
#[derive(Debug)]
pub struct Doubt<'a> {
    pub kind: &'static str,
    pub number: usize,
    pub blocks: bool,
    pub sentence: &'a [u8],
}

/// Keep or delete for every record, and why. It needs neither listing nor options. Like an index of a slice, a number
/// that is out of range panics.
pub struct Plan(*mut c::Plan);

// A plan is only read.
unsafe impl Send for Plan {}
unsafe impl Sync for Plan {}

impl Plan {
    /// Makes a plan. The listing and the options can be changed or dropped afterwards.
    pub fn new(listing: &Listing, options: Option<&Options>) -> Result<Plan, Error> {
        let options = options.map_or(null(), |o| o.0 as *const _);
        handle(|e| unsafe { c::pruneplan_plan_new(listing.0, options, e) }).map(Plan)
    }
    pub fn records(&self) -> usize {
        unsafe { c::pruneplan_plan_records(self.0) }
    }
    pub fn kept(&self) -> usize {
        unsafe { c::pruneplan_plan_kept(self.0) }
    }
    pub fn deleted(&self) -> usize {
        unsafe { c::pruneplan_plan_deleted(self.0) }
    }
    pub fn decision(&self, record: usize) -> Decision<'_> {
        let decision = filled(|d, e| unsafe { c::pruneplan_plan_decision(self.0, record, d, e) });
        unsafe { decision_of(&decision.unwrap()) }
    }
    pub fn decisions(&self) -> impl Iterator<Item = Decision<'_>> + '_ {
        (0..self.records()).map(move |record| self.decision(record))
    }
    /// The records that are deleted, in order.
    pub fn deletions(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.deleted()).map(move |step| unsafe { c::pruneplan_plan_deletion(self.0, step) })
    }
    /// How many records have this reason. An unknown reason is an error.
    pub fn count(&self, reason: &str) -> Result<usize, Error> {
        let count = |e| unsafe { c::pruneplan_plan_count(self.0, lend(reason.as_bytes()), e) };
        with_error(count, |&count| count != usize::MAX)
    }
    /// Returns a sentence on a record.
    pub fn explain(&self, record: usize) -> Vec<u8> {
        assert!(record < self.records());
        sentence(|buffer, capacity| unsafe { c::pruneplan_plan_explain(self.0, record, buffer, capacity) })
    }
    /// Returns a sentence on the whole plan.
    pub fn summary(&self) -> Vec<u8> {
        sentence(|buffer, capacity| unsafe { c::pruneplan_plan_summary(self.0, buffer, capacity) })
    }
    pub fn doubts(&self) -> impl Iterator<Item = Doubt<'_>> + '_ {
        (0..unsafe { c::pruneplan_plan_doubts(self.0) }).map(move |i| unsafe {
            let d: c::Doubt = filled(|d, e| c::pruneplan_plan_doubt(self.0, i, d, e)).unwrap();
            Doubt { kind: word(d.kind), number: d.number, blocks: d.blocks, sentence: taken(d.sentence) }
        })
    }
    pub fn space(&self) -> Space {
        let space = filled(|s, e| unsafe { c::pruneplan_plan_space(self.0, s, e) });
        let c::Space { freed, shared, kept, inconsistent_blobs, .. } = space.unwrap();
        Space { freed, shared, kept, inconsistent_blobs }
    }
    /// Applies the plan, and adds the steps to `report`: also those before an error or a panic of the host, which ends
    /// the run, and continues after it. `accept` has the kinds of doubt that do not keep the plan from being applied.
    pub fn apply<H: Host>(&self, host: &mut H, accept: &[&str], report: &mut Report) -> Result<(), Error> {
        let accept: Vec<c::Text> = accept.iter().map(|kind| lend(kind.as_bytes())).collect();
        let mut run = Run { host, panic: None };
        let functions = c::Host {
            struct_size: std::mem::size_of::<c::Host>(),
            user: &mut run as *mut Run<H> as *mut c_void,
            remove: remove::<H>,
            before: before::<H>,
            after: after::<H>,
            should_stop: should_stop::<H>,
            accept: accept.as_ptr(),
            accept_count: accept.len(),
        };
        let added = handle(|e| unsafe { c::pruneplan_report_new(e) })?;
        let done = check(|e| unsafe { c::pruneplan_apply(self.0, &functions, added, e) });
        unsafe {
            report.add(added);
            c::pruneplan_report_free(added);
        }
        if let Some(panic) = run.panic {
            resume_unwind(panic);
        }
        done
    }
}

impl Drop for Plan {
    fn drop(&mut self) {
        unsafe { c::pruneplan_plan_free(self.0) }
    }
}

/// The result of a removal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(i32)]
pub enum Status {
    #[default]
    Failed = 0,
    Removed = 1,
    NotFound = 2,
    Changed = 3,
    SurvivorGone = 4,
    InUse = 5,
    /// In reports only: `before` returned false.
    Vetoed = 6,
    /// In reports only: an image that needs this one was kept.
    Needed = 7,
    /// In reports only: the image that it is attached to was kept.
    Attached = 8,
}

impl Status {
    pub const ALL: [Status; 9] = [
        Status::Failed,
        Status::Removed,
        Status::NotFound,
        Status::Changed,
        Status::SurvivorGone,
        Status::InUse,
        Status::Vetoed,
        Status::Needed,
        Status::Attached,
    ];

    /// A stable word: "failed", "removed", ...
    pub fn word(self) -> &'static str {
        unsafe { word(c::pruneplan_status_word(self as i32)) }
    }
}

/// Describes a removal. By default, it failed.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    pub status: Status,
    /// The store's message.
    pub error: Vec<u8>,
    /// The store has another name for the target, which the plan does not have.
    pub still_named: bool,
}

impl From<Status> for Outcome {
    fn from(status: Status) -> Outcome {
        Outcome { status, ..Outcome::default() }
    }
}

/// A step that was tried, vetoed, or not taken because the image is needed or attached to a kept one.
#[derive(Clone, Debug)]
pub struct Step {
    pub name: Vec<u8>,
    pub familiar: Vec<u8>,
    pub target: Vec<u8>,
    pub status: Status,
    pub error: Vec<u8>,
    pub image_deleted: bool,
    pub reclaimed: u64,
}

unsafe fn step_of(step: &c::Step) -> Step {
    let text = |text| taken(text).to_vec();
    Step {
        name: text(step.name),
        familiar: text(step.familiar),
        target: text(step.target),
        status: usize::try_from(step.status).ok().and_then(|i| Status::ALL.get(i).copied()).unwrap_or_default(),
        error: text(step.error),
        image_deleted: step.image_deleted,
        reclaimed: step.reclaimed,
    }
}

/// The callbacks that apply a plan.
pub trait Host {
    /// Removes `name` only while it points at `target` and, if it is given, while `survivor` does, too, in one step.
    fn remove(&mut self, name: &[u8], target: &[u8], survivor: Option<&[u8]>) -> Outcome;
    /// False skips the removal.
    fn before(&mut self, _decision: &Decision) -> bool {
        true
    }
    /// Called after each step.
    fn after(&mut self, _step: &Step) {}
    /// True ends the run.
    fn should_stop(&mut self) -> bool {
        false
    }
}

struct Run<'a, H: Host> {
    host: &'a mut H,
    panic: Option<Box<dyn Any + Send>>,
}

impl<H: Host> Run<'_, H> {
    /// Keeps a panic from passing through C.
    fn call<T>(&mut self, otherwise: T, function: impl FnOnce(&mut H) -> T) -> T {
        if self.panic.is_some() {
            return otherwise;
        }
        match catch_unwind(AssertUnwindSafe(|| function(self.host))) {
            Ok(result) => result,
            Err(panic) => {
                self.panic = Some(panic);
                otherwise
            }
        }
    }
}

unsafe fn run_of<'a, H: Host>(user: *mut c_void) -> &'a mut Run<'a, H> {
    &mut *(user as *mut Run<'a, H>)
}

extern "C" fn remove<H: Host>(
    user: *mut c_void,
    name: c::Text,
    target: c::Text,
    survivor: c::Text,
    removal: *mut c::Removal,
) -> i32 {
    unsafe {
        let survivor = if survivor.size == 0 { None } else { Some(taken(survivor)) };
        let panicked = Outcome { error: b"the host panicked".to_vec(), ..Outcome::default() };
        let outcome = run_of::<H>(user).call(panicked, |host| host.remove(taken(name), taken(target), survivor));
        c::pruneplan_removal_set_error(removal, lend(&outcome.error));
        if outcome.still_named {
            c::pruneplan_removal_set_still_named(removal);
        }
        outcome.status as i32
    }
}

extern "C" fn before<H: Host>(user: *mut c_void, decision: *const c::Decision) -> bool {
    unsafe { run_of::<H>(user).call(false, |host| host.before(&decision_of(&*decision))) }
}

extern "C" fn after<H: Host>(user: *mut c_void, step: *const c::Step) {
    unsafe { run_of::<H>(user).call((), |host| host.after(&step_of(&*step))) }
}

extern "C" fn should_stop<H: Host>(user: *mut c_void) -> bool {
    unsafe { run_of::<H>(user).call(true, |host| host.should_stop()) }
}

/// What was done.
#[derive(Clone, Debug, Default)]
pub struct Report {
    pub steps: Vec<Step>,
    pub space_reclaimed: u64,
    pub cancelled: bool,
}

impl Report {
    unsafe fn add(&mut self, report: *const c::Report) {
        for i in 0..c::pruneplan_report_steps(report) {
            self.steps.push(step_of(&filled(|step, e| c::pruneplan_report_step(report, i, step, e)).unwrap()));
        }
        self.space_reclaimed = self.space_reclaimed.saturating_add(c::pruneplan_report_space_reclaimed(report));
        self.cancelled = c::pruneplan_report_cancelled(report);
    }
    pub fn count(&self, status: Status) -> usize {
        self.steps.iter().filter(|step| step.status == status).count()
    }
    /// The familiar names that were removed.
    pub fn untagged(&self) -> impl Iterator<Item = &[u8]> + '_ {
        self.steps.iter().filter(|step| step.status == Status::Removed).map(|step| step.familiar.as_slice())
    }
    /// The targets of the images that were deleted.
    pub fn deleted(&self) -> impl Iterator<Item = &[u8]> + '_ {
        self.steps.iter().filter(|step| step.image_deleted).map(|step| step.target.as_slice())
    }
}
