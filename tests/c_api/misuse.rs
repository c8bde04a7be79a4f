// SPDX-License-Identifier: BSL-1.0

//! Tests that misuse of the Rust wrapper is an error or a panic, deletes nothing, and loses no report.

use pruneplan::{Host, Listing, Options, Outcome, Plan, Report, Status, Step};
use std::error::Error;
use std::panic::{catch_unwind, AssertUnwindSafe};

fn planned() -> Result<Plan, Box<dyn Error>> {
    let mut listing = Listing::new()?;
    listing.add_record(b"a:1", b"sha256:a")?;
    listing.add_record(b"b:1", b"sha256:b")?;
    let mut options = Options::new()?;
    options.set_scope(b"unused")?;
    Ok(Plan::new(&listing, Some(&options))?)
}

/// A host whose `remove` returns one outcome, and whose `after` can panic.
#[derive(Default)]
struct Returns {
    outcome: Outcome,
    panics: bool,
}

impl Host for Returns {
    fn remove(&mut self, _name: &[u8], _target: &[u8], _survivor: Option<&[u8]>) -> Outcome {
        self.outcome.clone()
    }
    fn after(&mut self, _step: &Step) {
        assert!(!self.panics, "after");
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let plan = planned()?;

    // The default outcome is a failure, and so is a status that only a report has.
    let mut report = Report::default();
    plan.apply(&mut Returns::default(), &[], &mut report)?;
    plan.apply(&mut Returns { outcome: Status::Vetoed.into(), panics: false }, &[], &mut report)?;
    assert_eq!(report.count(Status::Failed), 4);
    assert_eq!(report.steps.len(), 4);

    // A panic of the host continues, and the report is kept.
    std::panic::set_hook(Box::new(|_| ()));
    let mut report = Report::default();
    let mut host = Returns { outcome: Status::Removed.into(), panics: true };
    let panic = catch_unwind(AssertUnwindSafe(|| plan.apply(&mut host, &[], &mut report))).unwrap_err();
    assert_eq!(panic.downcast_ref::<&str>(), Some(&"after"));
    assert_eq!(report.untagged().collect::<Vec<_>>(), [b"a:1"]);
    assert!(report.cancelled);

    // A number that is out of range panics.
    assert!(catch_unwind(AssertUnwindSafe(|| plan.decision(2).record)).is_err());
    assert!(catch_unwind(AssertUnwindSafe(|| plan.explain(2))).is_err());
    let _ = std::panic::take_hook();

    // An unknown word is an error, and nothing is removed.
    let error: Box<dyn Error> = plan.count("unprotcted").unwrap_err().into();
    assert!(error.to_string().starts_with("unknown word \"unprotcted\": "), "{}", error);
    let mut report = Report::default();
    assert!(plan.apply(&mut host, &["unmatched"], &mut report).is_err());
    assert!(report.steps.is_empty());

    drop(plan);
    assert_eq!(pruneplan::live_handles(), 0, "a handle was not dropped");
    Ok(())
}
