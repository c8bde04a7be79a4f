// SPDX-License-Identifier: BSL-1.0

//! pruneplan for Rust, through its C API: decides which container images can be deleted, and says why.
//!
//! ```
//! use pruneplan::{Host, Listing, Options, Outcome, Plan, Report, Status};
//!
//! struct Store(Vec<(Vec<u8>, Vec<u8>)>);
//!
//! impl Host for Store {
//!     fn remove(&mut self, name: &[u8], target: &[u8], _survivor: Option<&[u8]>) -> Outcome {
//!         match self.0.iter().position(|(n, t)| n == name && t == target) {
//!             Some(found) => {
//!                 self.0.remove(found);
//!                 Status::Removed.into()
//!             }
//!             None => Status::Changed.into(),
//!         }
//!     }
//! }
//!
//! # fn main() -> Result<(), pruneplan::Error> {
//! let mut listing = Listing::new()?;
//! listing.add_record("app:1", "sha256:a")?;
//! listing.add_record("app:2", "sha256:b")?;
//! listing.add_container("sha256:b", "app:2")?;
//! let mut options = Options::new()?;
//! options.set_scope("unused")?;
//! let plan = Plan::new(&listing, Some(&options))?;
//! for decision in &plan {
//!     println!("{}", decision); // delete app:1: unused, keep app:2: name_in_use
//! }
//! let mut store = Store(vec![(b"app:1".to_vec(), b"sha256:a".to_vec())]);
//! let mut report = Report::default();
//! plan.apply(&mut store, &[], &mut report)?;
//! assert_eq!(report.count(Status::Removed), 1);
//! # Ok(())
//! # }
//! ```
//!
//! * **Texts** are bytes: a function takes what is `AsRef<[u8]>`, so `"alpine"` and `b"alpine"`.
//! * **Words** (scopes, reasons, kinds of doubt, codes of errors) are those of pruneplan.h, as are the defaults. An
//!   unknown word is an error.
//! * **Handles** are freed when they are dropped. A plan needs neither its listing nor its options.
//! * **Threads**: each type can be sent to another thread, and shared by threads.
//! * **Building**: `cargo build` compiles the C++ sources with `$CXX` or `c++`, as build.rs describes.

#![warn(missing_docs)]

use std::any::Any;
use std::ffi::CStr;
use std::fmt;
use std::iter::FusedIterator;
use std::ops::Range;
use std::os::raw::{c_char, c_void};
use std::panic::{catch_unwind, resume_unwind, AssertUnwindSafe};
use std::ptr::{null, null_mut};
use std::time::{SystemTime, UNIX_EPOCH};

mod c;

/// Says what was rejected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// A stable word: "duplicate_name", "bad_filter", "out_of_memory", "doubtful_plan", ...
    pub code: String,
    /// One line for a person, which quotes the rejected text.
    pub message: String,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

fn lend<T: AsRef<[u8]> + ?Sized>(text: &T) -> c::Text {
    let text = text.as_ref();
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

/// Returns what a call passes to a function that writes.
fn written(call: impl FnOnce(c::Write, *mut c_void, *mut c::Error) -> bool) -> Result<Vec<u8>, Error> {
    extern "C" fn append(state: *mut c_void, data: *const c_char, size: usize) -> bool {
        unsafe { (*(state as *mut Vec<u8>)).extend_from_slice(taken(c::Text { data, size })) };
        true
    }
    let mut output: Vec<u8> = Vec::new();
    check(|e| call(append, &mut output as *mut Vec<u8> as *mut c_void, e))?;
    Ok(output)
}

fn number_or_none(number: usize) -> Option<usize> {
    Some(number).filter(|&number| number != usize::MAX)
}

fn seconds_in_range(seconds: i128) -> i64 {
    seconds.clamp(i64::MIN.into(), i64::MAX.into()) as i64
}

/// Returns a time in seconds since 1970, rounded down, and nanoseconds from 0 to 999,999,999.
fn moment(time: SystemTime) -> (i64, i32) {
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => (seconds_in_range(after.as_secs().into()), after.subsec_nanos() as i32),
        Err(error) => {
            let before = error.duration();
            let seconds = -i128::from(before.as_secs());
            match before.subsec_nanos() as i32 {
                0 => (seconds_in_range(seconds), 0),
                nanoseconds => (seconds_in_range(seconds - 1), 1_000_000_000 - nanoseconds),
            }
        }
    }
}

fn lossy(text: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(text)
}

fn handle<T>(call: impl FnOnce(*mut c::Error) -> *mut T) -> Result<*mut T, Error> {
    with_error(call, |pointer| !pointer.is_null())
}

/// Returns the number of handles in the process that are not dropped yet.
pub fn live_handles() -> usize {
    unsafe { c::pruneplan_live_handles() }
}

/// Returns the version of the library, "major.minor.patch".
pub fn version() -> &'static str {
    unsafe { CStr::from_ptr(c::pruneplan_library_version()).to_str().unwrap_or("") }
}

/// An image record. All members after `target` are optional.
///
/// ```
/// # fn main() -> Result<(), pruneplan::Error> {
/// use pruneplan::{Listing, Record};
///
/// let mut listing = Listing::new()?;
/// listing.add_records([
///     Record::new("alpine:3.20", "sha256:a"),
///     Record { blobs: &[(b"sha256:b", 8_000_000)], ..Record::new("alpine:3.19", "sha256:b") },
/// ])?;
/// assert_eq!(listing.records(), 2);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Record<'a> {
    /// A unique name in any form: "alpine", "docker.io/library/alpine:latest".
    pub name: &'a [u8],
    /// The digest that the name points at.
    pub target: &'a [u8],
    /// The target or ID of the image that the record is attached to: a signature, an SBOM, an attestation.
    pub subject: Option<&'a [u8]>,
    /// Further digests by which containers may mean the image: its configuration, its manifests.
    pub ids: &'a [&'a [u8]],
    /// Targets or IDs of the images that the image needs.
    pub needed: &'a [&'a [u8]],
    /// Keys and values, for filters.
    pub labels: &'a [(&'a [u8], &'a [u8])],
    /// Digests and sizes in bytes.
    pub blobs: &'a [(&'a [u8], u64)],
    /// When the image was created, if it is known.
    pub created: Option<SystemTime>,
    /// When the image was last used, if it is known.
    pub last_used: Option<SystemTime>,
    /// Whether the record is dangling. `None`: if its name is "moby-dangling@" and its target.
    pub dangling: Option<bool>,
    /// Whether the record is pinned: a pinned record is kept.
    pub pinned: bool,
}

impl<'a> Record<'a> {
    /// Returns a record with a name and a target.
    pub fn new(name: &'a (impl AsRef<[u8]> + ?Sized), target: &'a (impl AsRef<[u8]> + ?Sized)) -> Record<'a> {
        Record { name: name.as_ref(), target: target.as_ref(), ..Record::default() }
    }
}

fn known(time: Option<SystemTime>) -> c::Time {
    let (seconds, nanoseconds) = time.map_or((0, 0), moment);
    c::Time { seconds, nanoseconds, known: time.is_some() }
}

/// Records as C takes them. The capacity of a vector is reserved before a pointer into it is taken.
#[derive(Default)]
struct Batch {
    records: Vec<c::Record>,
    texts: Vec<c::Text>,
    labels: Vec<c::Label>,
    blobs: Vec<c::Blob>,
}

impl Batch {
    /// Fills the batch, and adds it to a listing.
    fn add(&mut self, records: &[Record<'_>], listing: *mut c::Listing) -> Result<(), Error> {
        fn appended<T>(to: &mut Vec<T>, items: impl Iterator<Item = T>) -> *const T {
            let start = to.len();
            to.extend(items);
            to[start..].as_ptr()
        }
        let sum = |count: fn(&Record<'_>) -> usize| records.iter().map(count).sum();
        self.records.clear();
        self.texts.clear();
        self.labels.clear();
        self.blobs.clear();
        self.texts.reserve(sum(|record| record.ids.len() + record.needed.len()));
        self.labels.reserve(sum(|record| record.labels.len()));
        self.blobs.reserve(sum(|record| record.blobs.len()));
        for record in records {
            self.records.push(c::Record {
                struct_size: std::mem::size_of::<c::Record>(),
                name: lend(record.name),
                target: lend(record.target),
                subject: lend(record.subject.unwrap_or_default()),
                ids: appended(&mut self.texts, record.ids.iter().map(|id| lend(*id))),
                needed: appended(&mut self.texts, record.needed.iter().map(|target| lend(*target))),
                labels: appended(
                    &mut self.labels,
                    record.labels.iter().map(|(key, value)| c::Label { key: lend(*key), value: lend(*value) }),
                ),
                blobs: appended(
                    &mut self.blobs,
                    record.blobs.iter().map(|&(digest, size)| c::Blob { digest: lend(digest), size }),
                ),
                id_count: record.ids.len(),
                needed_count: record.needed.len(),
                label_count: record.labels.len(),
                blob_count: record.blobs.len(),
                created: known(record.created),
                last_used: known(record.last_used),
                dangling: record.dangling.map_or(0, |dangling| 1 + i32::from(dangling)),
                pinned: record.pinned,
            });
        }
        check(|e| unsafe { c::pruneplan_listing_add_records(listing, self.records.as_ptr(), records.len(), e) })
    }
}

/// A container. All members after `image_ref` are optional.
#[derive(Clone, Copy, Debug, Default)]
pub struct Container<'a> {
    /// The digest that its runtime reports for its image.
    pub image_id: &'a [u8],
    /// What its user typed, verbatim.
    pub image_ref: &'a [u8],
    /// What sentences call the container. `None`: they give its number.
    pub name: Option<&'a [u8]>,
    /// The digests of the images that it mounts as volumes.
    pub mounts: &'a [&'a [u8]],
}

impl<'a> Container<'a> {
    /// Returns a container with an image ID and an image reference.
    pub fn new(
        image_id: &'a (impl AsRef<[u8]> + ?Sized),
        image_ref: &'a (impl AsRef<[u8]> + ?Sized),
    ) -> Container<'a> {
        Container { image_id: image_id.as_ref(), image_ref: image_ref.as_ref(), ..Container::default() }
    }
}

/// Passes containers to one call of C.
fn with_containers<'a>(
    containers: impl IntoIterator<Item = Container<'a>>,
    call: impl FnOnce(*const c::Container, usize, *mut c::Error) -> bool,
) -> Result<(), Error> {
    let containers: Vec<Container<'a>> = containers.into_iter().collect();
    let mounts: Vec<Vec<c::Text>> =
        containers.iter().map(|container| container.mounts.iter().map(|id| lend(*id)).collect()).collect();
    let passed: Vec<c::Container> = containers
        .iter()
        .zip(&mounts)
        .map(|(container, mounts)| c::Container {
            struct_size: std::mem::size_of::<c::Container>(),
            image_id: lend(container.image_id),
            image_ref: lend(container.image_ref),
            name: lend(container.name.unwrap_or_default()),
            mounts: mounts.as_ptr(),
            mount_count: mounts.len(),
        })
        .collect();
    check(|e| call(passed.as_ptr(), passed.len(), e))
}

/// Returns the shard of all records of a target, from 0 to `shards` - 1, the same on every machine and in every version.
///
/// **Errors:** "invalid_argument" if `shards` is 0.
pub fn shard_of(target: impl AsRef<[u8]>, shards: usize) -> Result<usize, Error> {
    with_error(|e| unsafe { c::pruneplan_shard_of(lend(&target), shards, e) }, |&shard| shard != usize::MAX)
}

/// A summary of what containers use, each use once.
///
/// A node summarizes its containers and sends the summary as bytes. A planner merges the summaries of all nodes, and
/// plans with the result as with the containers themselves. Containers in a summary have no names.
///
/// ```
/// # fn main() -> Result<(), pruneplan::Error> {
/// use pruneplan::{Container, Listing, Usage};
///
/// let mut node = Usage::new()?;
/// node.add_containers([Container::new("sha256:a", "app:1"), Container::new("sha256:a", "app:1")])?;
/// let sent = node.to_bytes()?;
///
/// let mut fleet = Usage::new()?;
/// fleet.merge(&Usage::from_bytes(sent)?)?;
/// let mut listing = Listing::new()?;
/// listing.add_usage(&fleet)?;
/// assert_eq!(listing.containers(), 1);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Usage(*mut c::Usage);

// As for `Listing`.
unsafe impl Send for Usage {}
unsafe impl Sync for Usage {}

impl Usage {
    /// Returns an empty summary.
    pub fn new() -> Result<Usage, Error> {
        handle(|e| unsafe { c::pruneplan_usage_new(e) }).map(Usage)
    }

    /// Returns the summary that [`Usage::to_bytes`] wrote on any machine.
    ///
    /// **Errors:** "invalid_format" if `bytes` is malformed.
    pub fn from_bytes(bytes: impl AsRef<[u8]>) -> Result<Usage, Error> {
        let usage = Usage::new()?;
        check(|e| unsafe { c::pruneplan_usage_read(usage.0, lend(&bytes), e) })?;
        Ok(usage)
    }

    /// Returns the summary as bytes.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        written(|write, state, e| unsafe { c::pruneplan_usage_write(self.0, write, state, e) })
    }

    /// Returns the number of uses.
    pub fn len(&self) -> usize {
        unsafe { c::pruneplan_usage_size(self.0) }
    }

    /// Tells whether the summary has no use.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds the uses of containers. Adding a use again has no effect.
    ///
    /// **Errors:** "out_of_memory"; some of the uses were added, and the caller can repeat the call.
    pub fn add_containers<'a>(&mut self, containers: impl IntoIterator<Item = Container<'a>>) -> Result<(), Error> {
        with_containers(containers, |c, n, e| unsafe { c::pruneplan_usage_add_containers(self.0, c, n, e) })
    }

    /// Adds the uses of another summary.
    ///
    /// **Errors:** as [`Usage::add_containers`].
    pub fn merge(&mut self, other: &Usage) -> Result<(), Error> {
        check(|e| unsafe { c::pruneplan_usage_merge(self.0, other.0, e) })
    }
}

impl Drop for Usage {
    fn drop(&mut self) {
        unsafe { c::pruneplan_usage_free(self.0) }
    }
}

/// Image records and containers, numbered from 0.
#[derive(Debug)]
pub struct Listing(*mut c::Listing);

// A handle belongs to no thread, and what changes it takes `&mut self`: the C API allows threads to read it together.
unsafe impl Send for Listing {}
unsafe impl Sync for Listing {}

impl Listing {
    /// Returns an empty listing.
    pub fn new() -> Result<Listing, Error> {
        handle(|e| unsafe { c::pruneplan_listing_new(e) }).map(Listing)
    }

    /// Returns the number of records.
    pub fn records(&self) -> usize {
        unsafe { c::pruneplan_listing_records(self.0) }
    }

    /// Returns the number of containers.
    pub fn containers(&self) -> usize {
        unsafe { c::pruneplan_listing_containers(self.0) }
    }

    /// Adds records, many of them with one call of C.
    ///
    /// **Errors:** "out_of_memory"; [`Listing::records`] then tells how many were added.
    pub fn add_records<'a>(&mut self, records: impl IntoIterator<Item = Record<'a>>) -> Result<(), Error> {
        const SIZE: usize = 256; // a batch stays in the first two caches
        let (mut batch, mut next) = (Batch::default(), Vec::with_capacity(SIZE));
        let mut records = records.into_iter();
        loop {
            next.clear();
            next.extend(records.by_ref().take(SIZE));
            if next.is_empty() {
                return Ok(());
            }
            batch.add(&next, self.0)?;
        }
    }

    /// Adds a record: a unique name in any form ("alpine", "docker.io/library/alpine:latest"), and the digest that it
    /// points at. Two records with the same name are rejected when a plan is made.
    pub fn add_record(&mut self, name: impl AsRef<[u8]>, target: impl AsRef<[u8]>) -> Result<(), Error> {
        check(|e| unsafe { c::pruneplan_listing_add_record(self.0, lend(&name), lend(&target), e) })
    }

    /// Sets when the image was created.
    pub fn set_created(&mut self, record: usize, time: SystemTime) -> Result<(), Error> {
        let (seconds, nanoseconds) = moment(time);
        check(|e| unsafe { c::pruneplan_listing_set_created(self.0, record, seconds, nanoseconds, e) })
    }

    /// Sets when the image was last used.
    pub fn set_last_used(&mut self, record: usize, time: SystemTime) -> Result<(), Error> {
        let (seconds, nanoseconds) = moment(time);
        check(|e| unsafe { c::pruneplan_listing_set_last_used(self.0, record, seconds, nanoseconds, e) })
    }

    /// Sets whether the record is pinned: a pinned record is kept.
    pub fn set_pinned(&mut self, record: usize, pinned: bool) -> Result<(), Error> {
        check(|e| unsafe { c::pruneplan_listing_set_pinned(self.0, record, pinned, e) })
    }

    /// Sets whether the record is dangling. By default, it is if its name is "moby-dangling@" and its target.
    pub fn set_dangling(&mut self, record: usize, dangling: bool) -> Result<(), Error> {
        check(|e| unsafe { c::pruneplan_listing_set_dangling(self.0, record, dangling, e) })
    }

    /// Adds a further digest by which containers may mean the record's image.
    pub fn add_id(&mut self, record: usize, id: impl AsRef<[u8]>) -> Result<(), Error> {
        check(|e| unsafe { c::pruneplan_listing_add_id(self.0, record, lend(&id), e) })
    }

    /// Sets the target or ID of the image that the record is attached to.
    pub fn set_subject(&mut self, record: usize, target: impl AsRef<[u8]>) -> Result<(), Error> {
        check(|e| unsafe { c::pruneplan_listing_set_subject(self.0, record, lend(&target), e) })
    }

    /// Adds the target or ID of an image that the record's image needs.
    pub fn add_needed(&mut self, record: usize, target: impl AsRef<[u8]>) -> Result<(), Error> {
        check(|e| unsafe { c::pruneplan_listing_add_needed(self.0, record, lend(&target), e) })
    }

    /// Adds a label, for filters.
    pub fn add_label(&mut self, record: usize, key: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> Result<(), Error> {
        check(|e| unsafe { c::pruneplan_listing_add_label(self.0, record, lend(&key), lend(&value), e) })
    }

    /// Adds a blob of the image, and its size in bytes.
    pub fn add_blob(&mut self, record: usize, digest: impl AsRef<[u8]>, size: u64) -> Result<(), Error> {
        check(|e| unsafe { c::pruneplan_listing_add_blob(self.0, record, lend(&digest), size, e) })
    }

    /// Adds a container: the digest that its runtime reports for its image, and what its user typed, verbatim. Add all
    /// containers, in any state: a container that is not added protects nothing.
    pub fn add_container(&mut self, image_id: impl AsRef<[u8]>, image_ref: impl AsRef<[u8]>) -> Result<(), Error> {
        check(|e| unsafe { c::pruneplan_listing_add_container(self.0, lend(&image_id), lend(&image_ref), e) })
    }

    /// Adds all containers in one call of C, or adds none and returns an error.
    pub fn add_containers<'a>(&mut self, containers: impl IntoIterator<Item = Container<'a>>) -> Result<(), Error> {
        with_containers(containers, |c, n, e| unsafe { c::pruneplan_listing_add_containers(self.0, c, n, e) })
    }

    /// Adds each use of a summary as a container, or adds none and returns an error.
    pub fn add_usage(&mut self, usage: &Usage) -> Result<(), Error> {
        check(|e| unsafe { c::pruneplan_listing_add_usage(self.0, usage.0, e) })
    }

    /// Sets what sentences call the container.
    pub fn set_container_name(&mut self, container: usize, name: impl AsRef<[u8]>) -> Result<(), Error> {
        check(|e| unsafe { c::pruneplan_listing_set_container_name(self.0, container, lend(&name), e) })
    }

    /// Adds the digest of an image that the container mounts as a volume.
    pub fn add_mount(&mut self, container: usize, image_id: impl AsRef<[u8]>) -> Result<(), Error> {
        check(|e| unsafe { c::pruneplan_listing_add_mount(self.0, container, lend(&image_id), e) })
    }
}

impl Drop for Listing {
    fn drop(&mut self) {
        unsafe { c::pruneplan_listing_free(self.0) }
    }
}

/// What to delete and what to keep.
#[derive(Debug)]
pub struct Options(*mut c::Options);

// As for `Listing`.
unsafe impl Send for Options {}
unsafe impl Sync for Options {}

impl Options {
    /// Returns the defaults: dangling records that the rule "strict" does not protect are deleted.
    pub fn new() -> Result<Options, Error> {
        handle(|e| unsafe { c::pruneplan_options_new(e) }).map(Options)
    }

    /// Sets "dangling" or "unused".
    pub fn set_scope(&mut self, scope: impl AsRef<[u8]>) -> Result<(), Error> {
        check(|e| unsafe { c::pruneplan_options_set_scope(self.0, lend(&scope), e) })
    }

    /// Sets "strict", "containerd_snapshotter", "graph_driver", "whole_image" or "names_only".
    pub fn set_usage_preset(&mut self, preset: impl AsRef<[u8]>) -> Result<(), Error> {
        check(|e| unsafe { c::pruneplan_options_set_usage_preset(self.0, lend(&preset), e) })
    }

    /// Sets a custom usage rule: whether the names that containers were created from are kept; which containers protect
    /// their image, "created_by_digest", "every_container" or "no_container"; which names an image in use keeps, "last"
    /// or "all".
    pub fn set_usage(&mut self, names_in_use: bool, digests_in_use: impl AsRef<[u8]>, names_kept: impl AsRef<[u8]>) -> Result<(), Error> {
        let (digests, kept) = (lend(&digests_in_use), lend(&names_kept));
        check(|e| unsafe { c::pruneplan_options_set_usage(self.0, names_in_use, digests, kept, e) })
    }

    /// Adds "key=value", as `docker image prune --filter` takes it. Durations count back from `now`.
    pub fn add_filter(&mut self, filter: impl AsRef<[u8]>, now: SystemTime) -> Result<(), Error> {
        let (seconds, nanoseconds) = moment(now);
        check(|e| unsafe { c::pruneplan_options_add_filter(self.0, lend(&filter), seconds, nanoseconds, e) })
    }

    /// Adds a pattern of names that are never deleted.
    pub fn add_keep(&mut self, pattern: impl AsRef<[u8]>) -> Result<(), Error> {
        check(|e| unsafe { c::pruneplan_options_add_keep(self.0, lend(&pattern), e) })
    }

    /// Keeps this many of the newest images of each repository, by the names that match the pattern `names`, or by all
    /// names if it is empty. `by` is "created", "last_used", "version" or "name".
    pub fn add_keep_newest(&mut self, images: usize, names: impl AsRef<[u8]>, by: impl AsRef<[u8]>) -> Result<(), Error> {
        check(|e| unsafe { c::pruneplan_options_add_keep_newest(self.0, images, lend(&names), lend(&by), e) })
    }

    /// Keeps images that were used, or else created, at this time or later.
    pub fn set_keep_younger_than(&mut self, time: SystemTime) -> Result<(), Error> {
        let (seconds, nanoseconds) = moment(time);
        check(|e| unsafe { c::pruneplan_options_set_keep_younger_than(self.0, seconds, nanoseconds, e) })
    }

    /// Deletes images, least recently used first, until this many bytes are freed; keeps the rest. A negative number is
    /// an error of [`Plan::new`].
    pub fn set_bytes_to_free(&mut self, bytes: i64) -> Result<(), Error> {
        check(|e| unsafe { c::pruneplan_options_set_bytes_to_free(self.0, bytes, e) })
    }

    /// With [`Options::set_bytes_to_free`], deletes images last used before this time even when enough is freed.
    pub fn set_delete_unused_before(&mut self, time: SystemTime) -> Result<(), Error> {
        let (seconds, nanoseconds) = moment(time);
        check(|e| unsafe { c::pruneplan_options_set_delete_unused_before(self.0, seconds, nanoseconds, e) })
    }

    /// Selects the name that an image in use keeps: "last_by_name", "first_by_name", "newest", "oldest" or "tagged".
    pub fn set_survivor(&mut self, survivor: impl AsRef<[u8]>) -> Result<(), Error> {
        check(|e| unsafe { c::pruneplan_options_set_survivor(self.0, lend(&survivor), e) })
    }
}

impl Drop for Options {
    fn drop(&mut self) {
        unsafe { c::pruneplan_options_free(self.0) }
    }
}

/// What a plan frees and keeps, in bytes. Each blob is counted once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Space {
    /// Bytes of blobs that only deleted images have.
    pub freed: u64,
    /// Bytes of blobs that deleted and kept images have: kept.
    pub shared: u64,
    /// Bytes of all kept blobs.
    pub kept: u64,
    /// The number of blobs that are listed with several sizes, and are not counted.
    pub inconsistent_blobs: u64,
}

/// What a plan does with a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision<'a> {
    /// The number of the record.
    pub record: usize,
    /// The name of the record.
    pub name: &'a [u8],
    /// The digest that it points at.
    pub target: &'a [u8],
    /// Whether the record is deleted.
    pub deletes: bool,
    /// Whether the container mounts the image as a volume, and does not run it.
    pub mounted: bool,
    /// A stable word: "unused", "last_name", ...
    pub reason: &'static str,
    /// The container that caused the decision.
    pub container: Option<usize>,
    /// The filter, pattern or rule of newest that decided.
    pub option: Option<usize>,
}

/// Writes "delete alpine:3.20: unused".
impl fmt::Display for Decision<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", if self.deletes { "delete" } else { "keep" }, lossy(self.name), self.reason)
    }
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

/// A record on which two plans differ, with its number and its reason in each plan that has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// A stable word, the first of these that is true: "added", "removed", "newly_deleted", "newly_kept",
    /// "target_changed" or "reason_changed".
    pub kind: &'static str,
    /// The name of the record.
    pub name: Vec<u8>,
    /// The record's number in the plan before.
    pub before: Option<usize>,
    /// The record's number in the plan after.
    pub after: Option<usize>,
    /// The reason in the plan before.
    pub reason_before: Option<&'static str>,
    /// The reason in the plan after.
    pub reason_after: Option<&'static str>,
    /// Whether the name points at another target, whatever `kind` is.
    pub target_changed: bool,
}

unsafe fn change_of(change: &c::Change) -> Change {
    Change {
        kind: word(change.kind),
        name: taken(change.name).to_vec(),
        before: number_or_none(change.before),
        after: number_or_none(change.after),
        reason_before: Some(word(change.reason_before)).filter(|reason| !reason.is_empty()),
        reason_after: Some(word(change.reason_after)).filter(|reason| !reason.is_empty()),
        target_changed: change.target_changed,
    }
}

/// What the planner was not sure of. [`Plan::apply`] rejects a plan with a doubt that blocks and is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Doubt<'a> {
    /// A stable word: "unmatched_container", "unmatched_pattern", ...
    pub kind: &'static str,
    /// The number of the container, of the pattern in the order added, or of the record.
    pub number: usize,
    /// Whether the plan is rejected, unless this kind is accepted.
    pub blocks: bool,
    /// A sentence for a person.
    pub sentence: &'a [u8],
}

/// Writes the sentence.
impl fmt::Display for Doubt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&lossy(self.sentence))
    }
}

/// Keep or delete for every record, and why. It needs neither listing nor options.
///
/// What it lends does not outlive it:
///
/// ```compile_fail,E0505
/// # fn main() -> Result<(), pruneplan::Error> {
/// let plan = pruneplan::Plan::new(&pruneplan::Listing::new()?, None)?;
/// let decision = plan.decision(0);
/// drop(plan);
/// println!("{:?}", decision);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Plan(*mut c::Plan);

// As for `Listing`. Nothing changes a plan.
unsafe impl Send for Plan {}
unsafe impl Sync for Plan {}

impl Plan {
    /// Makes a plan. The listing and the options can be changed or dropped afterwards.
    pub fn new(listing: &Listing, options: Option<&Options>) -> Result<Plan, Error> {
        let options = options.map_or(null(), |o| o.0 as *const _);
        handle(|e| unsafe { c::pruneplan_plan_new(listing.0, options, e) }).map(Plan)
    }

    /// Returns the number of records.
    pub fn records(&self) -> usize {
        unsafe { c::pruneplan_plan_records(self.0) }
    }

    /// Returns the number of records that are kept.
    pub fn kept(&self) -> usize {
        unsafe { c::pruneplan_plan_kept(self.0) }
    }

    /// Returns the number of records that are deleted.
    pub fn deleted(&self) -> usize {
        unsafe { c::pruneplan_plan_deleted(self.0) }
    }

    /// Returns the decision on a record, or `None` if the number is too large.
    pub fn decision(&self, record: usize) -> Option<Decision<'_>> {
        let decision = filled(|d, e| unsafe { c::pruneplan_plan_decision(self.0, record, d, e) });
        decision.ok().map(|d| unsafe { decision_of(&d) })
    }

    /// Returns the decisions, in the order of the records.
    pub fn decisions(&self) -> Decisions<'_> {
        Decisions { plan: self, numbers: 0..self.records() }
    }

    /// Returns the records that are deleted, in order: an image before the images that it needs, then by name.
    pub fn deletions(&self) -> Deletions<'_> {
        Deletions { plan: self, numbers: 0..self.deleted() }
    }

    /// Returns what the planner was not sure of.
    pub fn doubts(&self) -> Doubts<'_> {
        Doubts { plan: self, numbers: 0..unsafe { c::pruneplan_plan_doubts(self.0) } }
    }

    fn deletion(&self, step: usize) -> Option<usize> {
        number_or_none(unsafe { c::pruneplan_plan_deletion(self.0, step) })
    }

    fn doubt(&self, number: usize) -> Option<Doubt<'_>> {
        let doubt: c::Doubt = filled(|d, e| unsafe { c::pruneplan_plan_doubt(self.0, number, d, e) }).ok()?;
        let (kind, sentence) = unsafe { (word(doubt.kind), taken(doubt.sentence)) };
        Some(Doubt { kind, number: doubt.number, blocks: doubt.blocks, sentence })
    }

    /// Returns how many records have this reason. An unknown reason is an error.
    pub fn count(&self, reason: &str) -> Result<usize, Error> {
        let count = |e| unsafe { c::pruneplan_plan_count(self.0, lend(reason), e) };
        with_error(count, |&count| count != usize::MAX)
    }

    /// Returns a sentence on a record, or `None` if the number is too large.
    pub fn explain(&self, record: usize) -> Option<Vec<u8>> {
        let write = |buffer, capacity| unsafe { c::pruneplan_plan_explain(self.0, record, buffer, capacity) };
        Some(record).filter(|&record| record < self.records()).map(|_| sentence(write))
    }

    /// Returns a sentence on the whole plan.
    pub fn summary(&self) -> Vec<u8> {
        sentence(|buffer, capacity| unsafe { c::pruneplan_plan_summary(self.0, buffer, capacity) })
    }

    /// Estimates what the plan frees, from the blobs of the records.
    pub fn space(&self) -> Result<Space, Error> {
        let space = filled(|s, e| unsafe { c::pruneplan_plan_space(self.0, s, e) });
        space.map(|c::Space { freed, shared, kept, inconsistent_blobs, .. }| Space {
            freed,
            shared,
            kept,
            inconsistent_blobs,
        })
    }

    /// Returns the plan as JSON lines, one object for each record and each doubt.
    pub fn json_lines(&self) -> Result<Vec<u8>, Error> {
        written(|write, state, e| unsafe { c::pruneplan_plan_write_json_lines(self.0, write, state, e) })
    }

    /// Returns the plan as a graph in the DOT language of Graphviz.
    pub fn dot(&self) -> Result<Vec<u8>, Error> {
        written(|write, state, e| unsafe { c::pruneplan_plan_write_dot(self.0, write, state, e) })
    }

    /// Returns the records on which a newer plan, or one with other options, decides differently: the records of this
    /// plan in their order, then the added ones of `after`. Records with the same name are compared.
    pub fn diff(&self, after: &Plan) -> Result<Vec<Change>, Error> {
        extern "C" fn append(state: *mut c_void, change: *const c::Change) -> bool {
            unsafe { (*(state as *mut Vec<Change>)).push(change_of(&*change)) };
            true
        }
        let mut changes: Vec<Change> = Vec::new();
        let state = &mut changes as *mut Vec<Change> as *mut c_void;
        check(|e| unsafe { c::pruneplan_plan_diff(self.0, after.0, append, state, e) })?;
        Ok(changes)
    }

    /// Applies the plan, and adds the steps to `report`. `accept` has the kinds of doubt that do not keep the plan from
    /// being applied.
    ///
    /// **Errors:** "doubtful_plan" if the plan has a doubt that blocks and is not accepted: nothing is removed.
    /// "out_of_memory": `report` has the steps before it.
    ///
    /// **Panics:** if the host panics, with its value. That ends the run. `report` has all steps that were taken.
    pub fn apply<H: Host + ?Sized>(&self, host: &mut H, accept: &[&str], report: &mut Report) -> Result<(), Error> {
        let accept: Vec<c::Text> = accept.iter().map(|kind| lend(*kind)).collect();
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
        let read = unsafe { report.add(added) };
        unsafe { c::pruneplan_report_free(added) };
        if let Some(panic) = run.panic {
            resume_unwind(panic);
        }
        done.and(read)
    }
}

impl Drop for Plan {
    fn drop(&mut self) {
        unsafe { c::pruneplan_plan_free(self.0) }
    }
}

macro_rules! iterator {
    ($(#[$about:meta])* $name:ident, $item:ty, $get:ident) => {
        $(#[$about])*
        #[derive(Clone, Debug)]
        pub struct $name<'a> {
            plan: &'a Plan,
            numbers: Range<usize>,
        }

        impl<'a> Iterator for $name<'a> {
            type Item = $item;
            fn next(&mut self) -> Option<$item> {
                self.plan.$get(self.numbers.next()?)
            }
            fn nth(&mut self, n: usize) -> Option<$item> {
                self.plan.$get(self.numbers.nth(n)?)
            }
            fn size_hint(&self) -> (usize, Option<usize>) {
                self.numbers.size_hint()
            }
        }

        impl DoubleEndedIterator for $name<'_> {
            fn next_back(&mut self) -> Option<Self::Item> {
                self.plan.$get(self.numbers.next_back()?)
            }
        }

        impl ExactSizeIterator for $name<'_> {}
        impl FusedIterator for $name<'_> {}
    };
}

iterator!(
    /// The decisions of a plan, in the order of the records.
    Decisions,
    Decision<'a>,
    decision
);
iterator!(
    /// The records that a plan deletes, in order.
    Deletions,
    usize,
    deletion
);
iterator!(
    /// The doubts of a plan.
    Doubts,
    Doubt<'a>,
    doubt
);

impl<'a> IntoIterator for &'a Plan {
    type Item = Decision<'a>;
    type IntoIter = Decisions<'a>;
    fn into_iter(self) -> Decisions<'a> {
        self.decisions()
    }
}

/// The result of a removal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[repr(i32)]
pub enum Status {
    /// The store failed.
    #[default]
    Failed = 0,
    /// The store removed the name.
    Removed = 1,
    /// The store has no such name any more.
    NotFound = 2,
    /// The name now points at another target, and is kept.
    Changed = 3,
    /// The survivor does not point at the target any more; the name is kept.
    SurvivorGone = 4,
    /// The store reports that the name is in use, and kept it.
    InUse = 5,
    /// In reports only: `before` returned false.
    Vetoed = 6,
    /// In reports only: an image that needs this one was kept.
    Needed = 7,
    /// In reports only: the image that it is attached to was kept.
    Attached = 8,
}

impl Status {
    /// All statuses, in the order of their numbers.
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

    /// Returns a stable word: "failed", "removed", ...
    pub fn word(self) -> &'static str {
        unsafe { word(c::pruneplan_status_word(self as i32)) }
    }
}

/// Writes the word.
impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// Describes a removal. By default, it failed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// From [`Status::Failed`] to [`Status::InUse`]; another status is a failure.
    pub status: Status,
    /// The store's message.
    pub error: Option<Vec<u8>>,
    /// Whether the store has another name for the target, which the plan does not have: the image is not deleted, and
    /// what it needs is kept.
    pub still_named: bool,
}

impl Outcome {
    /// Returns a failure with the store's message.
    pub fn failed(error: impl fmt::Display) -> Outcome {
        Outcome { error: Some(error.to_string().into_bytes()), ..Outcome::default() }
    }
}

impl From<Status> for Outcome {
    fn from(status: Status) -> Outcome {
        Outcome { status, ..Outcome::default() }
    }
}

/// A step that was tried, vetoed, or not taken because the image is needed or attached to a kept one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The name of the record.
    pub name: Vec<u8>,
    /// The name as Docker prints it, "alpine:3.20".
    pub familiar: Vec<u8>,
    /// The digest that the record points at.
    pub target: Vec<u8>,
    /// What happened.
    pub status: Status,
    /// The store's message.
    pub error: Option<Vec<u8>>,
    /// Whether the image lost its last name by this step.
    pub image_deleted: bool,
    /// The bytes that this step reclaimed.
    pub reclaimed: u64,
}

/// Writes "removed alpine:3.20", and the store's message, if there is one.
impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.status, lossy(&self.familiar))?;
        self.error.as_ref().map_or(Ok(()), |error| write!(f, ": {}", lossy(error)))
    }
}

unsafe fn step_of(step: &c::Step) -> Step {
    let text = |text| taken(text).to_vec();
    Step {
        name: text(step.name),
        familiar: text(step.familiar),
        target: text(step.target),
        status: usize::try_from(step.status).ok().and_then(|i| Status::ALL.get(i).copied()).unwrap_or_default(),
        error: Some(text(step.error)).filter(|error| !error.is_empty()),
        image_deleted: step.image_deleted,
        reclaimed: step.reclaimed,
    }
}

/// The callbacks that apply a plan. [`Plan::apply`] calls them in its own thread.
pub trait Host {
    /// Removes `name` only while it points at `target` and, if it is given, while `survivor` does, too, all in one step.
    /// For [`Status::SurvivorGone`], it is called again with the next name that the image keeps.
    fn remove(&mut self, name: &[u8], target: &[u8], survivor: Option<&[u8]>) -> Outcome;

    /// Called before each removal. False skips it.
    fn before(&mut self, _decision: &Decision<'_>) -> bool {
        true
    }

    /// Called after each step.
    fn after(&mut self, _step: &Step) {}

    /// Called before each step. True ends the run.
    fn should_stop(&mut self) -> bool {
        false
    }
}

struct Run<'a, H: Host + ?Sized> {
    host: &'a mut H,
    panic: Option<Box<dyn Any + Send>>,
}

impl<H: Host + ?Sized> Run<'_, H> {
    /// Keeps a panic from passing through C. The host is not called again, and `Plan::apply` continues the panic: the
    /// host's own unwinding rules hold as if it had been called directly.
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

unsafe fn run_of<'a, H: Host + ?Sized>(user: *mut c_void) -> &'a mut Run<'a, H> {
    &mut *(user as *mut Run<'a, H>)
}

extern "C" fn remove<H: Host + ?Sized>(
    user: *mut c_void,
    name: c::Text,
    target: c::Text,
    survivor: c::Text,
    removal: *mut c::Removal,
) -> i32 {
    unsafe {
        let survivor = Some(taken(survivor)).filter(|survivor| !survivor.is_empty());
        let panicked = Outcome::failed("the host panicked");
        let outcome = run_of::<H>(user).call(panicked, |host| host.remove(taken(name), taken(target), survivor));
        if let Some(error) = &outcome.error {
            c::pruneplan_removal_set_error(removal, lend(error));
        }
        if outcome.still_named {
            c::pruneplan_removal_set_still_named(removal);
        }
        outcome.status as i32
    }
}

extern "C" fn before<H: Host + ?Sized>(user: *mut c_void, decision: *const c::Decision) -> bool {
    unsafe { run_of::<H>(user).call(false, |host| host.before(&decision_of(&*decision))) }
}

extern "C" fn after<H: Host + ?Sized>(user: *mut c_void, step: *const c::Step) {
    unsafe { run_of::<H>(user).call((), |host| host.after(&step_of(&*step))) }
}

extern "C" fn should_stop<H: Host + ?Sized>(user: *mut c_void) -> bool {
    unsafe { run_of::<H>(user).call(true, |host| host.should_stop()) }
}

/// What was done. [`Plan::apply`] adds to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// The steps that were tried, vetoed or not taken, in order.
    pub steps: Vec<Step>,
    /// Bytes, of all steps.
    pub space_reclaimed: u64,
    /// Whether `should_stop` returned true, or the host panicked, before the last step.
    pub cancelled: bool,
}

impl Report {
    unsafe fn add(&mut self, report: *const c::Report) -> Result<(), Error> {
        self.space_reclaimed = self.space_reclaimed.saturating_add(c::pruneplan_report_space_reclaimed(report));
        self.cancelled = c::pruneplan_report_cancelled(report);
        for i in 0..c::pruneplan_report_steps(report) {
            self.steps.push(step_of(&filled(|step, e| c::pruneplan_report_step(report, i, step, e))?));
        }
        Ok(())
    }

    /// Returns the steps, in order.
    pub fn steps(&self) -> std::slice::Iter<'_, Step> {
        self.steps.iter()
    }

    /// Returns how many steps have this status.
    pub fn count(&self, status: Status) -> usize {
        self.steps().filter(|step| step.status == status).count()
    }

    /// Returns the familiar names that were removed.
    pub fn untagged(&self) -> impl Iterator<Item = &[u8]> + '_ {
        self.steps().filter(|step| step.status == Status::Removed).map(|step| step.familiar.as_slice())
    }

    /// Returns the targets of the images that were deleted.
    pub fn deleted(&self) -> impl Iterator<Item = &[u8]> + '_ {
        self.steps().filter(|step| step.image_deleted).map(|step| step.target.as_slice())
    }
}

impl<'a> IntoIterator for &'a Report {
    type Item = &'a Step;
    type IntoIter = std::slice::Iter<'a, Step>;
    fn into_iter(self) -> Self::IntoIter {
        self.steps()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn is_shared<T: Send + Sync + 'static>() {}
    fn is_an_error<T: std::error::Error + Send + Sync + 'static>() {}

    /// Does not compile if a type loses `Send` or `Sync`.
    #[test]
    fn each_type_can_be_sent_to_a_thread_and_shared() {
        is_shared::<Listing>();
        is_shared::<Options>();
        is_shared::<Plan>();
        is_shared::<Report>();
        is_shared::<Outcome>();
        is_shared::<Decisions<'static>>();
        is_shared::<Doubts<'static>>();
        is_an_error::<Error>();
    }

    #[test]
    fn a_time_is_in_seconds_rounded_down_and_nanoseconds() {
        assert_eq!(moment(UNIX_EPOCH), (0, 0));
        assert_eq!(moment(UNIX_EPOCH + Duration::new(5, 7)), (5, 7));
        assert_eq!(moment(UNIX_EPOCH - Duration::new(5, 0)), (-5, 0));
        assert_eq!(moment(UNIX_EPOCH - Duration::new(5, 7)), (-6, 999_999_993));
        if let Some(last) = UNIX_EPOCH.checked_add(Duration::new(i64::MAX as u64, 999_999_999)) {
            assert_eq!(moment(last), (i64::MAX, 999_999_999));
        }
    }

    #[test]
    fn iterators_have_a_size_and_two_ends() -> Result<(), Error> {
        let mut listing = Listing::new()?;
        for name in ["c:1", "a:1", "b:1"] {
            listing.add_record(name, "sha256:a")?;
        }
        let mut options = Options::new()?;
        options.set_scope("unused")?;
        options.add_keep("x")?;
        let plan = Plan::new(&listing, Some(&options))?;
        assert_eq!(plan.decisions().len(), 3);
        assert_eq!(plan.decisions().rev().map(|d| d.record).collect::<Vec<_>>(), [2, 1, 0]);
        assert_eq!(plan.decisions().nth(1), plan.decision(1));
        assert_eq!(plan.deletions().collect::<Vec<_>>(), [1, 2, 0]);
        assert_eq!(plan.doubts().map(|d| d.kind).collect::<Vec<_>>(), ["unmatched_pattern"]);
        assert_eq!(plan.decision(0).unwrap().to_string(), "delete c:1: unused");
        Ok(())
    }
}
