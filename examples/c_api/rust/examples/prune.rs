// SPDX-License-Identifier: BSL-1.0

//! Plans and applies a prune of a small store, in Rust.

use pruneplan::{Error, Host, Listing, Options, Outcome, Plan, Report, Status, Step};

fn digest(digit: &str) -> String {
    format!("sha256:{}", digit.repeat(64))
}

fn text(bytes: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

struct Image {
    name: String,
    target: String,
    size: u64,
}

/// The host's own store.
struct Store {
    images: Vec<Image>,
}

impl Store {
    fn new() -> Store {
        let image = |(name, digit, size): (&str, &str, u64)| Image { name: name.into(), target: digest(digit), size };
        let images = [
            ("docker.io/library/alpine:3.20", "a", 8),
            ("docker.io/library/alpine:latest", "a", 8),
            ("docker.io/library/postgres:16", "b", 400),
            ("ghcr.io/team/app:1", "c", 50),
            ("ghcr.io/team/app:2", "d", 60),
            ("ghcr.io/team/tools:1", "e", 30),
        ];
        Store { images: images.into_iter().map(image).collect() }
    }

    fn find(&self, name: &[u8], target: &[u8]) -> Option<usize> {
        self.images.iter().position(|i| i.name.as_bytes() == name && i.target.as_bytes() == target)
    }
}

impl Host for Store {
    /// A daemon does this in one transaction.
    fn remove(&mut self, name: &[u8], target: &[u8], survivor: Option<&[u8]>) -> Outcome {
        if survivor.map_or(false, |survivor| self.find(survivor, target).is_none()) {
            return Status::SurvivorGone.into();
        }
        match self.find(name, target) {
            Some(found) => {
                self.images.remove(found);
                Status::Removed.into()
            }
            None => Status::Changed.into(),
        }
    }

    fn after(&mut self, step: &Step) {
        println!("{}: {}", step.status, text(&step.name));
    }
}

fn plan(store: &Store) -> Result<Plan, Error> {
    let mut listing = Listing::new()?;
    for (i, image) in store.images.iter().enumerate() {
        listing.add_record(&image.name, &image.target)?;
        listing.add_blob(i, &image.target, image.size)?;
    }
    listing.add_container(digest("a"), "aaaaaaaaaaaa")?;
    listing.add_container(digest("b"), "postgres:16")?;
    let mut options = Options::new()?;
    options.set_scope("unused")?;
    options.add_keep("ghcr.io/team/tools")?;
    options.add_keep("ghcr.io/team/base")?;
    Plan::new(&listing, Some(&options))
}

fn run() -> Result<(), Error> {
    let mut store = Store::new();
    let plan = plan(&store)?;
    for decision in &plan {
        let action = if decision.deletes { "delete" } else { "keep  " };
        println!("{}  {}: {}", action, text(decision.name), decision.reason);
    }
    for doubt in plan.doubts() {
        println!("doubt: {}", doubt);
    }
    println!("plan: {}", text(&plan.summary()));

    // The store changes after the plan: this name points at another image now, and is kept.
    store.images[4].target = digest("e");
    let mut report = Report::default();
    let done = plan.apply(&mut store, &[], &mut report);
    for step in &report {
        if step.status == Status::Removed {
            println!("untagged: {}", text(&step.familiar));
        }
        if step.image_deleted {
            println!("deleted: {}", text(&step.target));
        }
    }
    println!("reclaimed: {} bytes", report.space_reclaimed);
    done
}

fn main() {
    if let Err(error) = run() {
        eprintln!("{}: {}", error.code, error);
        std::process::exit(1);
    }
    assert_eq!(pruneplan::live_handles(), 0);
}
