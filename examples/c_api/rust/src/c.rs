// SPDX-License-Identifier: BSL-1.0

//! The declarations of pruneplan.h.

use std::os::raw::{c_char, c_void};

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Text {
    pub data: *const c_char,
    pub size: usize,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Label {
    pub key: Text,
    pub value: Text,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Blob {
    pub digest: Text,
    pub size: u64,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Time {
    pub seconds: i64,
    pub nanoseconds: i32,
    pub known: bool,
}

#[repr(C)]
pub struct Record {
    pub struct_size: usize,
    pub name: Text,
    pub target: Text,
    pub subject: Text,
    pub ids: *const Text,
    pub needed: *const Text,
    pub labels: *const Label,
    pub blobs: *const Blob,
    pub id_count: usize,
    pub needed_count: usize,
    pub label_count: usize,
    pub blob_count: usize,
    pub created: Time,
    pub last_used: Time,
    pub dangling: i32,
    pub pinned: bool,
}

#[repr(C)]
pub struct Container {
    pub struct_size: usize,
    pub image_id: Text,
    pub image_ref: Text,
    pub name: Text,
    pub mounts: *const Text,
    pub mount_count: usize,
}

#[repr(C)]
pub struct Change {
    pub struct_size: usize,
    pub kind: Text,
    pub name: Text,
    pub before: usize,
    pub after: usize,
    pub reason_before: Text,
    pub reason_after: Text,
    pub target_changed: bool,
}

pub type Visit = extern "C" fn(*mut c_void, *const Change) -> bool;
pub type Write = extern "C" fn(*mut c_void, *const c_char, usize) -> bool;

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
pub enum Usage {}

extern "C" {
    pub fn pruneplan_live_handles() -> usize;
    pub fn pruneplan_library_version() -> *const c_char;
    pub fn pruneplan_listing_new(error: *mut Error) -> *mut Listing;
    pub fn pruneplan_listing_free(listing: *mut Listing);
    pub fn pruneplan_listing_records(listing: *const Listing) -> usize;
    pub fn pruneplan_listing_containers(listing: *const Listing) -> usize;
    pub fn pruneplan_listing_add_records(l: *mut Listing, records: *const Record, n: usize, error: *mut Error) -> bool;
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
    pub fn pruneplan_listing_add_containers(l: *mut Listing, c: *const Container, n: usize, e: *mut Error) -> bool;
    pub fn pruneplan_listing_add_usage(l: *mut Listing, usage: *const Usage, error: *mut Error) -> bool;
    pub fn pruneplan_usage_new(error: *mut Error) -> *mut Usage;
    pub fn pruneplan_usage_free(usage: *mut Usage);
    pub fn pruneplan_usage_size(usage: *const Usage) -> usize;
    pub fn pruneplan_usage_add_containers(u: *mut Usage, c: *const Container, n: usize, error: *mut Error) -> bool;
    pub fn pruneplan_usage_merge(usage: *mut Usage, other: *const Usage, error: *mut Error) -> bool;
    pub fn pruneplan_usage_write(u: *const Usage, write: Write, state: *mut c_void, error: *mut Error) -> bool;
    pub fn pruneplan_usage_read(usage: *mut Usage, bytes: Text, error: *mut Error) -> bool;
    pub fn pruneplan_shard_of(target: Text, shards: usize, error: *mut Error) -> usize;
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
    pub fn pruneplan_plan_write_json_lines(p: *const Plan, write: Write, state: *mut c_void, e: *mut Error) -> bool;
    pub fn pruneplan_plan_write_dot(p: *const Plan, write: Write, state: *mut c_void, error: *mut Error) -> bool;
    pub fn pruneplan_plan_diff(p: *const Plan, q: *const Plan, v: Visit, state: *mut c_void, e: *mut Error) -> bool;
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
