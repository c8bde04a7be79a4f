// SPDX-License-Identifier: BSL-1.0

//! Tests that misuse of the Rust wrapper is an error or a panic, deletes nothing, and loses no report.

use pruneplan::{Container, Decision, Host, Listing, Options, Outcome, Plan, Record, Report, Status, Step, Usage};
use std::error::Error;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::Arc;

fn listing() -> Result<Listing, pruneplan::Error> {
    let mut listing = Listing::new()?;
    listing.add_record("a:1", "sha256:a")?;
    listing.add_record("b:1", "sha256:b")?;
    Ok(listing)
}

fn unused() -> Result<Options, pruneplan::Error> {
    let mut options = Options::new()?;
    options.set_scope("unused")?;
    Ok(options)
}

fn planned() -> Result<Plan, pruneplan::Error> {
    Plan::new(&listing()?, Some(&unused()?))
}

/// The callback that panics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum In {
    Nothing,
    Remove,
    Before,
    After,
    ShouldStop,
}

/// A host whose `remove` returns one outcome, and which panics for the record `b:1`.
struct Returns {
    outcome: Outcome,
    panics: In,
    steps: usize,
}

impl Returns {
    fn new(outcome: impl Into<Outcome>, panics: In) -> Returns {
        Returns { outcome: outcome.into(), panics, steps: 0 }
    }

    fn panic_in(&self, place: In, reached: bool) {
        if self.panics == place && reached {
            std::panic::panic_any(place);
        }
    }
}

impl Host for Returns {
    fn remove(&mut self, name: &[u8], _target: &[u8], _survivor: Option<&[u8]>) -> Outcome {
        self.panic_in(In::Remove, name == b"b:1");
        self.outcome.clone()
    }
    fn before(&mut self, decision: &Decision<'_>) -> bool {
        self.panic_in(In::Before, decision.name == b"b:1");
        true
    }
    fn after(&mut self, step: &Step) {
        self.panic_in(In::After, step.name == b"b:1");
    }
    fn should_stop(&mut self) -> bool {
        self.steps += 1;
        self.panic_in(In::ShouldStop, self.steps == 2);
        false
    }
}

fn the_default_outcome_and_a_status_of_reports_are_failures() -> Result<(), Box<dyn Error>> {
    let plan = planned()?;
    let mut report = Report::default();
    plan.apply(&mut Returns::new(Outcome::default(), In::Nothing), &[], &mut report)?;
    plan.apply(&mut Returns::new(Status::Vetoed, In::Nothing), &[], &mut report)?;
    plan.apply(&mut Returns::new(Outcome::failed("no space"), In::Nothing), &[], &mut report)?;
    assert_eq!(report.count(Status::Failed), 6);
    assert_eq!(report.steps.len(), 6);
    assert_eq!(report.steps[0].error, None);
    assert_eq!(report.steps[4].to_string(), "failed a:1: no space");
    Ok(())
}

fn a_panic_of_the_host_passes_with_its_value_and_the_report_is_kept() -> Result<(), Box<dyn Error>> {
    let plan = planned()?;
    for (panics, statuses) in [
        (In::Remove, vec![Status::Removed, Status::Failed]),
        (In::Before, vec![Status::Removed, Status::Vetoed]),
        (In::After, vec![Status::Removed, Status::Removed]),
        (In::ShouldStop, vec![Status::Removed]),
    ] {
        let mut report = Report::default();
        let mut host = Returns::new(Status::Removed, panics);
        let panic = catch_unwind(AssertUnwindSafe(|| plan.apply(&mut host, &[], &mut report))).unwrap_err();
        assert_eq!(panic.downcast_ref::<In>(), Some(&panics));
        assert_eq!(report.steps().map(|step| step.status).collect::<Vec<_>>(), statuses, "{:?}", panics);
    }
    Ok(())
}

fn an_error_keeps_the_report_and_removes_nothing() -> Result<(), Box<dyn Error>> {
    let mut listing = listing()?;
    listing.add_container("sha256:c", "c:1")?;
    let plan = Plan::new(&listing, Some(&unused()?))?;
    let mut host = Returns::new(Status::Removed, In::Nothing);
    let mut report = Report::default();
    planned()?.apply(&mut host, &[], &mut report)?;
    let error = plan.apply(&mut host, &[], &mut report).unwrap_err();
    assert_eq!(error.code, "doubtful_plan");
    assert_eq!(report.steps.len(), 2);
    assert!(plan.apply(&mut host, &["unmatched"], &mut report).is_err());
    assert_eq!(report.steps.len(), 2);
    plan.apply(&mut host, &["unmatched_container"], &mut report)?;
    assert_eq!(report.steps.len(), 4);
    Ok(())
}

fn a_host_can_be_a_trait_object() -> Result<(), Box<dyn Error>> {
    let mut host: Box<dyn Host> = Box::new(Returns::new(Status::Removed, In::Nothing));
    let mut report = Report::default();
    planned()?.apply(&mut *host, &[], &mut report)?;
    assert_eq!(report.untagged().collect::<Vec<_>>(), [b"a:1", b"b:1"]);
    Ok(())
}

fn what_does_not_exist_is_none_or_an_error() -> Result<(), Box<dyn Error>> {
    let plan = planned()?;
    assert_eq!(plan.decision(2), None);
    assert_eq!(plan.decision(usize::MAX), None);
    assert_eq!(plan.explain(2), None);
    assert_eq!(plan.decision(1).and_then(|decision| decision.container), None);
    let error: Box<dyn Error> = plan.count("unprotcted").unwrap_err().into();
    assert!(error.to_string().starts_with("unknown word \"unprotcted\": "), "{}", error);
    let mut options = unused()?;
    options.set_bytes_to_free(-1)?;
    let mut listing = listing()?;
    assert_eq!(Plan::new(&listing, Some(&options)).unwrap_err().code, "bad_option");
    assert_eq!(listing.set_pinned(2, true).unwrap_err().code, "invalid_argument");
    assert_eq!(listing.add_mount(0, "sha256:a").unwrap_err().code, "invalid_argument");
    listing.add_record("a:1", "sha256:b")?;
    assert_eq!(Plan::new(&listing, None).unwrap_err().code, "duplicate_name");
    Ok(())
}

fn threads_share_a_plan_and_take_a_listing() -> Result<(), Box<dyn Error>> {
    let mut moved = listing()?;
    let moved = std::thread::spawn(move || moved.add_record("c:1", "sha256:c").map(|()| moved)).join().unwrap()?;
    let options = unused()?;
    let plan = Plan::new(&moved, Some(&options))?;
    let shared = Arc::new((moved, options, plan));
    let run = |shared: Arc<(Listing, Options, Plan)>| -> Result<usize, pruneplan::Error> {
        let (listing, options, plan) = &*shared;
        assert!(Plan::new(listing, Some(options))?.decisions().eq(plan));
        let mut report = Report::default();
        plan.apply(&mut Returns::new(Status::Removed, In::Nothing), &[], &mut report)?;
        Ok(report.count(Status::Removed))
    };
    let start = |_| {
        let shared = Arc::clone(&shared);
        std::thread::spawn(move || run(shared))
    };
    let threads: Vec<_> = (0..4).map(start).collect();
    for thread in threads {
        assert_eq!(thread.join().unwrap(), Ok(3));
    }
    Ok(())
}

/// Records that are added together are those that are added one by one, and the plan is written in both forms.
fn records_in_one_call() -> Result<(), Box<dyn Error>> {
    let names: Vec<String> = (0..1000).map(|i| format!("r:{}", i)).collect();
    let (mut one_by_one, mut together) = (listing()?, listing()?);
    for name in &names {
        one_by_one.add_record(name, name)?;
        let record = one_by_one.records() - 1;
        one_by_one.add_id(record, "i")?;
        one_by_one.add_blob(record, name, 1 << 40)?;
        one_by_one.set_pinned(record, true)?;
    }
    let blobs: Vec<[(&[u8], u64); 1]> = names.iter().map(|name| [(name.as_bytes(), 1 << 40)]).collect();
    together.add_records(std::iter::empty())?;
    together.add_records(names.iter().zip(&blobs).map(|(name, blobs)| Record {
        ids: &[b"i"],
        blobs,
        pinned: true,
        ..Record::new(name, name)
    }))?;
    assert_eq!(together.records(), 1002);
    let (first, second) = (Plan::new(&one_by_one, Some(&unused()?))?, Plan::new(&together, Some(&unused()?))?);
    assert_eq!(first.json_lines()?, second.json_lines()?);
    assert_eq!(first.dot()?, second.dot()?);
    assert!(first.json_lines()?.starts_with(b"{") && first.dot()?.starts_with(b"digraph"));
    assert_eq!(first.space()?, second.space()?);
    Ok(())
}

fn summaries_and_changes() -> Result<(), Box<dyn Error>> {
    for malformed in ["", "pruneplan usage 2\nend\n", "pruneplan usage 1\n", "pruneplan usage 1\n9:sha256:a,0:,\nend\n"] {
        assert_eq!(Usage::from_bytes(malformed).unwrap_err().code, "invalid_format", "{:?}", malformed);
    }
    assert_eq!(pruneplan::shard_of("sha256:a", 0).unwrap_err().code, "invalid_argument");
    assert_eq!(pruneplan::shard_of("sha256:a", 1)?, 0);
    let mut usage = Usage::new()?;
    assert!(usage.is_empty());
    let mounts: [&[u8]; 1] = [b"sha256:b"];
    let named = Container { name: Some(b"web"), mounts: &mounts, ..Container::new("sha256:a", "a:1") };
    usage.add_containers([named, named, Container::new("sha256:b", "b:1")])?;
    let uses = usage.len();
    assert!(uses >= 2);
    // A summary can be sent to another thread, and merging what it has changes nothing.
    let bytes = usage.to_bytes()?;
    let sent = std::thread::spawn(move || Usage::from_bytes(bytes)).join().unwrap()?;
    usage.merge(&sent)?;
    assert_eq!((usage.len(), sent.len()), (uses, uses));
    assert_eq!(usage.to_bytes()?, sent.to_bytes()?);
    let mut used = listing()?;
    used.add_containers([named])?;
    let (before, after) = (planned()?, Plan::new(&used, Some(&unused()?))?);
    assert!(after.explain(0).unwrap().windows(3).any(|part| part == b"web"));
    assert!(before.diff(&before)?.is_empty());
    let changes = before.diff(&after)?;
    drop((before, after)); // changes need no plan
    assert_eq!(changes.len(), 2);
    for (number, change) in changes.iter().enumerate() {
        assert_eq!((change.kind, change.before, change.after), ("newly_kept", Some(number), Some(number)));
        assert_eq!((change.reason_before, change.target_changed), (Some("unused"), false));
    }
    assert_eq!(changes[0].name, b"a:1");
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    std::panic::set_hook(Box::new(|panic| {
        if !panic.payload().is::<In>() {
            eprintln!("{}", panic);
        }
    }));
    the_default_outcome_and_a_status_of_reports_are_failures()?;
    a_panic_of_the_host_passes_with_its_value_and_the_report_is_kept()?;
    an_error_keeps_the_report_and_removes_nothing()?;
    a_host_can_be_a_trait_object()?;
    what_does_not_exist_is_none_or_an_error()?;
    threads_share_a_plan_and_take_a_listing()?;
    records_in_one_call()?;
    summaries_and_changes()?;
    let _ = std::panic::take_hook();
    assert_eq!(pruneplan::live_handles(), 0, "a handle was not dropped");
    Ok(())
}
