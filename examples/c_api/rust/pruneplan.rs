// SPDX-License-Identifier: BSL-1.0

//! pruneplan for Rust, through its C API: decides which container images can be deleted, and says why.
//!
//! Texts are bytes. Handles are freed when they are dropped.

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
    pub struct Step {
        pub struct_size: usize,
        pub done: usize,
        pub total: usize,
        pub record: usize,
        pub name: Text,
        pub target: Text,
        pub reason: Text,
        pub status: i32,
        pub error: Text,
        pub image_deleted: bool,
        pub space_reclaimed: u64,
    }

    #[repr(C)]
    pub struct Host {
        pub struct_size: usize,
        pub user: *mut c_void,
        pub remove: extern "C" fn(*mut c_void, Text, Text, Text, *mut Removal) -> i32,
        pub before: extern "C" fn(*mut c_void, *const Step) -> bool,
        pub after: extern "C" fn(*mut c_void, *const Step),
        pub should_stop: extern "C" fn(*mut c_void) -> bool,
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
        pub fn pruneplan_listing_set_parent(l: *mut Listing, record: usize, parent: Text, error: *mut Error) -> bool;
        pub fn pruneplan_listing_add_label(l: *mut Listing, record: usize, k: Text, v: Text, error: *mut Error) -> bool;
        pub fn pruneplan_listing_add_blob(l: *mut Listing, record: usize, d: Text, size: u64, e: *mut Error) -> bool;
        pub fn pruneplan_listing_add_container(l: *mut Listing, id: Text, image_ref: Text, error: *mut Error) -> bool;
        pub fn pruneplan_listing_add_mount(l: *mut Listing, container: usize, id: Text, error: *mut Error) -> bool;
        pub fn pruneplan_options_new(error: *mut Error) -> *mut Options;
        pub fn pruneplan_options_free(options: *mut Options);
        pub fn pruneplan_options_set_scope(o: *mut Options, scope: Text, error: *mut Error) -> bool;
        pub fn pruneplan_options_set_usage_preset(o: *mut Options, preset: Text, error: *mut Error) -> bool;
        pub fn pruneplan_options_set_usage(o: *mut Options, names_in_use: bool, every_container: bool, all_names: bool);
        pub fn pruneplan_options_add_filter(o: *mut Options, filter: Text, s: i64, ns: i32, error: *mut Error) -> bool;
        pub fn pruneplan_options_add_keep(o: *mut Options, pattern: Text, error: *mut Error) -> bool;
        pub fn pruneplan_options_set_keep_newest(o: *mut Options, images: usize);
        pub fn pruneplan_options_set_keep_younger_than(o: *mut Options, s: i64, ns: i32, error: *mut Error) -> bool;
        pub fn pruneplan_options_set_bytes_to_free(o: *mut Options, bytes: u64);
        pub fn pruneplan_options_set_survivor(o: *mut Options, survivor: Text, error: *mut Error) -> bool;
        pub fn pruneplan_plan_new(l: *const Listing, o: *const Options, error: *mut Error) -> *mut Plan;
        pub fn pruneplan_plan_free(plan: *mut Plan);
        pub fn pruneplan_plan_records(plan: *const Plan) -> usize;
        pub fn pruneplan_plan_kept(plan: *const Plan) -> usize;
        pub fn pruneplan_plan_deleted(plan: *const Plan) -> usize;
        pub fn pruneplan_plan_name(plan: *const Plan, record: usize) -> Text;
        pub fn pruneplan_plan_target(plan: *const Plan, record: usize) -> Text;
        pub fn pruneplan_plan_deletes(plan: *const Plan, record: usize) -> bool;
        pub fn pruneplan_plan_reason(plan: *const Plan, record: usize) -> Text;
        pub fn pruneplan_plan_container(plan: *const Plan, record: usize) -> usize;
        pub fn pruneplan_plan_explain(plan: *const Plan, record: usize, buffer: *mut c_char, capacity: usize) -> usize;
        pub fn pruneplan_plan_count(plan: *const Plan, reason: Text) -> usize;
        pub fn pruneplan_plan_unmatched_container(plan: *const Plan, i: usize) -> usize;
        pub fn pruneplan_plan_deletion(plan: *const Plan, step: usize) -> usize;
        pub fn pruneplan_plan_estimate_space(plan: *const Plan, space: *mut Space, error: *mut Error) -> bool;
        pub fn pruneplan_removal_set_error(removal: *mut Removal, words: Text);
        pub fn pruneplan_removal_set_still_named(removal: *mut Removal);
        pub fn pruneplan_report_new(error: *mut Error) -> *mut Report;
        pub fn pruneplan_report_free(report: *mut Report);
        pub fn pruneplan_apply(p: *const Plan, host: *const Host, report: *mut Report, error: *mut Error) -> bool;
        pub fn pruneplan_report_untagged_count(report: *const Report) -> usize;
        pub fn pruneplan_report_untagged_name(report: *const Report, i: usize) -> Text;
        pub fn pruneplan_report_untagged_familiar(report: *const Report, i: usize) -> Text;
        pub fn pruneplan_report_untagged_target(report: *const Report, i: usize) -> Text;
        pub fn pruneplan_report_deleted_count(report: *const Report) -> usize;
        pub fn pruneplan_report_deleted(report: *const Report, i: usize) -> Text;
        pub fn pruneplan_report_space_reclaimed(report: *const Report) -> u64;
        pub fn pruneplan_report_cancelled(report: *const Report) -> bool;
        pub fn pruneplan_report_failure_count(report: *const Report) -> usize;
        pub fn pruneplan_report_failure_name(report: *const Report, i: usize) -> Text;
        pub fn pruneplan_report_failure_target(report: *const Report, i: usize) -> Text;
        pub fn pruneplan_report_failure_error(report: *const Report, i: usize) -> Text;
        pub fn pruneplan_report_skipped_count(report: *const Report) -> usize;
        pub fn pruneplan_report_skipped_name(report: *const Report, i: usize) -> Text;
        pub fn pruneplan_report_skipped_target(report: *const Report, i: usize) -> Text;
        pub fn pruneplan_report_skipped_reason(report: *const Report, i: usize) -> Text;
    }
}

/// What was rejected: `code` is a stable word, `message` is for a person.
#[derive(Debug)]
pub struct Error {
    pub code: String,
    pub message: String,
}

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
    pub fn set_parent(&mut self, record: usize, parent: &[u8]) -> Result<(), Error> {
        check(|e| unsafe { c::pruneplan_listing_set_parent(self.0, record, lend(parent), e) })
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
    pub fn add_mount(&mut self, container: usize, image_id: &[u8]) -> Result<(), Error> {
        check(|e| unsafe { c::pruneplan_listing_add_mount(self.0, container, lend(image_id), e) })
    }
}

impl Drop for Listing {
    fn drop(&mut self) {
        unsafe { c::pruneplan_listing_free(self.0) }
    }
}

/// What to delete and what to keep. The defaults are those of `docker image prune`.
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
    pub fn set_usage(&mut self, names_in_use: bool, every_container: bool, keep_all_names: bool) {
        unsafe { c::pruneplan_options_set_usage(self.0, names_in_use, every_container, keep_all_names) }
    }
    pub fn add_filter(&mut self, filter: &[u8], now: (i64, i32)) -> Result<(), Error> {
        check(|e| unsafe { c::pruneplan_options_add_filter(self.0, lend(filter), now.0, now.1, e) })
    }
    pub fn add_keep(&mut self, pattern: &[u8]) -> Result<(), Error> {
        check(|e| unsafe { c::pruneplan_options_add_keep(self.0, lend(pattern), e) })
    }
    pub fn set_keep_newest(&mut self, images: usize) {
        unsafe { c::pruneplan_options_set_keep_newest(self.0, images) }
    }
    pub fn set_keep_younger_than(&mut self, seconds: i64, nanoseconds: i32) -> Result<(), Error> {
        check(|e| unsafe { c::pruneplan_options_set_keep_younger_than(self.0, seconds, nanoseconds, e) })
    }
    pub fn set_bytes_to_free(&mut self, bytes: u64) {
        unsafe { c::pruneplan_options_set_bytes_to_free(self.0, bytes) }
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

/// Keep or delete for every record, and why. Changes nothing.
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
    pub fn name(&self, record: usize) -> &[u8] {
        unsafe { taken(c::pruneplan_plan_name(self.0, record)) }
    }
    pub fn target(&self, record: usize) -> &[u8] {
        unsafe { taken(c::pruneplan_plan_target(self.0, record)) }
    }
    pub fn deletes(&self, record: usize) -> bool {
        unsafe { c::pruneplan_plan_deletes(self.0, record) }
    }
    pub fn reason(&self, record: usize) -> &'static str {
        unsafe { word(c::pruneplan_plan_reason(self.0, record)) }
    }
    /// The container that caused the decision.
    pub fn container(&self, record: usize) -> Option<usize> {
        let container = unsafe { c::pruneplan_plan_container(self.0, record) };
        if container == usize::MAX { None } else { Some(container) }
    }
    /// Returns an explanation for a person.
    pub fn explain(&self, record: usize) -> Vec<u8> {
        unsafe {
            let size = c::pruneplan_plan_explain(self.0, record, null_mut(), 0);
            let mut sentence = vec![0u8; size];
            c::pruneplan_plan_explain(self.0, record, sentence.as_mut_ptr() as *mut c_char, size);
            sentence
        }
    }
    pub fn count(&self, reason: &str) -> usize {
        unsafe { c::pruneplan_plan_count(self.0, lend(reason.as_bytes())) }
    }
    /// The containers whose image the usage rule should protect but the listing does not have.
    pub fn unmatched_containers(&self) -> impl Iterator<Item = usize> + '_ {
        (0..)
            .map(move |i| unsafe { c::pruneplan_plan_unmatched_container(self.0, i) })
            .take_while(|&container| container != usize::MAX)
    }
    /// The records that are deleted, in order.
    pub fn deletions(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.deleted()).map(move |step| unsafe { c::pruneplan_plan_deletion(self.0, step) })
    }
    pub fn estimate_space(&self) -> Result<Space, Error> {
        let struct_size = std::mem::size_of::<c::Space>();
        let mut space = c::Space { struct_size, freed: 0, shared: 0, kept: 0, inconsistent_blobs: 0 };
        check(|e| unsafe { c::pruneplan_plan_estimate_space(self.0, &mut space, e) })?;
        let c::Space { freed, shared, kept, inconsistent_blobs, .. } = space;
        Ok(Space { freed, shared, kept, inconsistent_blobs })
    }
    /// Applies the plan. A panic of the host ends the run, and continues after it.
    pub fn apply<H: Host>(&self, host: &mut H) -> Result<Report, Error> {
        let report = Report(handle(|e| unsafe { c::pruneplan_report_new(e) })?);
        let mut run = Run { host, panic: None };
        let functions = c::Host {
            struct_size: std::mem::size_of::<c::Host>(),
            user: &mut run as *mut Run<H> as *mut c_void,
            remove: remove::<H>,
            before: before::<H>,
            after: after::<H>,
            should_stop: should_stop::<H>,
        };
        let done = check(|e| unsafe { c::pruneplan_apply(self.0, &functions, report.0, e) });
        if let Some(panic) = run.panic {
            resume_unwind(panic);
        }
        done.map(|()| report)
    }
}

impl Drop for Plan {
    fn drop(&mut self) {
        unsafe { c::pruneplan_plan_free(self.0) }
    }
}

/// The result of a removal.
pub enum Outcome {
    Removed,
    /// The store has another name for the target, which the plan does not have.
    RemovedButStillNamed,
    NotFound,
    Changed,
    InUse,
    /// The store's message.
    Failed(Vec<u8>),
}

/// One step of a plan. The fields below `reason` are set in `after` only.
pub struct Step<'a> {
    pub done: usize,
    pub total: usize,
    pub record: usize,
    pub name: &'a [u8],
    pub target: &'a [u8],
    pub reason: &'a str,
    pub status: i32,
    pub error: &'a [u8],
    pub image_deleted: bool,
    pub space_reclaimed: u64,
}

/// The callbacks that apply a plan.
pub trait Host {
    /// Removes `name` only while it points at `target` and, if it is given, while `survivor` does, too, in one step.
    fn remove(&mut self, name: &[u8], target: &[u8], survivor: Option<&[u8]>) -> Outcome;
    /// False skips the step.
    fn before(&mut self, _step: &Step) -> bool {
        true
    }
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

unsafe fn step_of<'a>(step: *const c::Step) -> Step<'a> {
    let step = &*step;
    Step {
        done: step.done,
        total: step.total,
        record: step.record,
        name: taken(step.name),
        target: taken(step.target),
        reason: word(step.reason),
        status: step.status,
        error: taken(step.error),
        image_deleted: step.image_deleted,
        space_reclaimed: step.space_reclaimed,
    }
}

extern "C" fn remove<H: Host>(
    user: *mut c_void,
    name: c::Text,
    target: c::Text,
    survivor: c::Text,
    removal: *mut c::Removal,
) -> i32 {
    unsafe {
        let survivor = if survivor.data.is_null() { None } else { Some(taken(survivor)) };
        let panicked = Outcome::Failed(b"the host panicked".to_vec());
        match run_of::<H>(user).call(panicked, |host| host.remove(taken(name), taken(target), survivor)) {
            Outcome::Removed => 0,
            Outcome::RemovedButStillNamed => {
                c::pruneplan_removal_set_still_named(removal);
                0
            }
            Outcome::NotFound => 1,
            Outcome::Changed => 2,
            Outcome::InUse => 3,
            Outcome::Failed(words) => {
                c::pruneplan_removal_set_error(removal, lend(&words));
                4
            }
        }
    }
}

extern "C" fn before<H: Host>(user: *mut c_void, step: *const c::Step) -> bool {
    unsafe { run_of::<H>(user).call(false, |host| host.before(&step_of(step))) }
}

extern "C" fn after<H: Host>(user: *mut c_void, step: *const c::Step) {
    unsafe { run_of::<H>(user).call((), |host| host.after(&step_of(step))) }
}

extern "C" fn should_stop<H: Host>(user: *mut c_void) -> bool {
    unsafe { run_of::<H>(user).call(true, |host| host.should_stop()) }
}

/// What was done.
pub struct Report(*mut c::Report);

impl Report {
    /// Name, familiar name and target of the records that were removed.
    pub fn untagged(&self) -> impl Iterator<Item = (&[u8], &[u8], &[u8])> + '_ {
        (0..unsafe { c::pruneplan_report_untagged_count(self.0) }).map(move |i| unsafe {
            (
                taken(c::pruneplan_report_untagged_name(self.0, i)),
                taken(c::pruneplan_report_untagged_familiar(self.0, i)),
                taken(c::pruneplan_report_untagged_target(self.0, i)),
            )
        })
    }
    /// The targets of the images that lost their last record.
    pub fn deleted(&self) -> impl Iterator<Item = &[u8]> + '_ {
        (0..unsafe { c::pruneplan_report_deleted_count(self.0) })
            .map(move |i| unsafe { taken(c::pruneplan_report_deleted(self.0, i)) })
    }
    /// Name, target and the store's message.
    pub fn failures(&self) -> impl Iterator<Item = (&[u8], &[u8], &[u8])> + '_ {
        (0..unsafe { c::pruneplan_report_failure_count(self.0) }).map(move |i| unsafe {
            (
                taken(c::pruneplan_report_failure_name(self.0, i)),
                taken(c::pruneplan_report_failure_target(self.0, i)),
                taken(c::pruneplan_report_failure_error(self.0, i)),
            )
        })
    }
    /// Name, target and a reason.
    pub fn skipped(&self) -> impl Iterator<Item = (&[u8], &[u8], &'static str)> + '_ {
        (0..unsafe { c::pruneplan_report_skipped_count(self.0) }).map(move |i| unsafe {
            (
                taken(c::pruneplan_report_skipped_name(self.0, i)),
                taken(c::pruneplan_report_skipped_target(self.0, i)),
                word(c::pruneplan_report_skipped_reason(self.0, i)),
            )
        })
    }
    pub fn space_reclaimed(&self) -> u64 {
        unsafe { c::pruneplan_report_space_reclaimed(self.0) }
    }
    pub fn cancelled(&self) -> bool {
        unsafe { c::pruneplan_report_cancelled(self.0) }
    }
}

impl Drop for Report {
    fn drop(&mut self) {
        unsafe { c::pruneplan_report_free(self.0) }
    }
}
