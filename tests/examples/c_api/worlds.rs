// SPDX-License-Identifier: BSL-1.0

//! Plans and applies random worlds through the C API. worlds.cpp describes the input and the output.

use pruneplan::{Container, Decision, Error, Host, Listing, Options, Outcome, Plan, Record, Report, Status, Step, Usage};
use std::collections::HashMap;
use std::io::Write;
use std::time::{Duration, SystemTime, UNIX_EPOCH};


type Fields = Vec<Vec<u8>>;

fn unescaped(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < text.len() {
        if text[at] == b'%' {
            out.push(u8::from_str_radix(std::str::from_utf8(&text[at + 1..at + 3]).unwrap(), 16).unwrap());
            at += 3;
        } else {
            out.push(text[at]);
            at += 1;
        }
    }
    out
}

fn line(fields: &[&[u8]]) {
    let mut out = Vec::new();
    for (i, field) in fields.iter().enumerate() {
        if i > 0 {
            out.push(b'\t');
        }
        for &byte in field.iter() {
            if (0x20..=0x7e).contains(&byte) && byte != b'%' {
                out.push(byte);
            } else {
                write!(out, "%{:02X}", byte).unwrap();
            }
        }
    }
    out.push(b'\n');
    std::io::stdout().write_all(&out).unwrap();
}

fn dec<T: ToString>(number: T) -> Vec<u8> {
    number.to_string().into_bytes()
}

fn number<T: std::str::FromStr>(text: &[u8]) -> T {
    std::str::from_utf8(text).unwrap().parse().ok().expect("a number")
}

fn time(seconds: u64, nanoseconds: u32) -> SystemTime {
    UNIX_EPOCH + Duration::new(seconds, nanoseconds)
}

fn flag(is: bool) -> &'static [u8] {
    if is { b"1" } else { b"0" }
}

fn number_or_none(number: Option<usize>) -> Vec<u8> {
    number.map_or(b"-".to_vec(), dec)
}

fn answer_for(name: &[u8]) -> usize {
    name.iter().enumerate().map(|(i, &byte)| (i + 1) * byte as usize).sum::<usize>() % 16
}

#[derive(Default)]
struct Store {
    names: HashMap<Vec<u8>, Vec<u8>>,
    order: Vec<Vec<u8>>,
    steps: usize,
}

impl Store {
    fn add(&mut self, name: &[u8], target: &[u8]) {
        if answer_for(name) != 6 {
            self.names.insert(name.to_vec(), target.to_vec());
        }
        self.order.push(name.to_vec());
    }

    fn holds(&self, name: &[u8], target: &[u8]) -> bool {
        self.names.get(name).map_or(false, |known| known == target)
    }
}

impl Host for Store {
    fn remove(&mut self, name: &[u8], target: &[u8], survivor: Option<&[u8]>) -> Outcome {
        if survivor.map_or(false, |survivor| !self.holds(survivor, target)) {
            return Status::SurvivorGone.into();
        }
        match answer_for(name) {
            0 => return Outcome { error: Some([b"cannot remove ", name].concat()), ..Outcome::default() },
            1 => return Status::Changed.into(),
            2 => return Outcome { still_named: true, ..Status::InUse.into() },
            3 => return Status::NotFound.into(),
            _ => (),
        }
        if !self.holds(name, target) {
            return Status::Changed.into();
        }
        self.names.remove(name);
        Outcome { still_named: answer_for(name) == 5, ..Status::Removed.into() }
    }

    fn before(&mut self, decision: &Decision) -> bool {
        line(&[b"before", &dec(decision.record), decision.name, decision.reason.as_bytes()]);
        answer_for(decision.name) != 4
    }

    fn after(&mut self, step: &Step) {
        write_step(b"step", step);
    }

    fn should_stop(&mut self) -> bool {
        self.steps += 1;
        self.steps == 5
    }
}

fn write_step(kind: &[u8], step: &Step) {
    line(&[
        kind,
        &step.name,
        &step.familiar,
        &step.target,
        step.status.word().as_bytes(),
        step.error.as_deref().unwrap_or_default(),
        flag(step.image_deleted),
        &dec(step.reclaimed),
    ]);
}

fn write_plan(plan: &Plan) {
    for d in plan {
        line(&[
            b"decision",
            &dec(d.record),
            d.name,
            d.target,
            if d.deletes { b"delete" } else { b"keep" },
            d.reason.as_bytes(),
            &number_or_none(d.container),
            flag(d.mounted),
            &number_or_none(d.option),
            &plan.explain(d.record).unwrap(),
        ]);
    }
    for d in plan {
        line(&[b"count", &dec(plan.count(d.reason).unwrap())]);
    }
    for doubt in plan.doubts() {
        line(&[b"doubt", doubt.kind.as_bytes(), &dec(doubt.number), flag(doubt.blocks), doubt.sentence]);
    }
    for record in plan.deletions() {
        line(&[b"deletion", &dec(record)]);
    }
    line(&[b"counts", &dec(plan.kept()), &dec(plan.deleted())]);
    let space = plan.space().unwrap();
    line(&[b"space", &dec(space.freed), &dec(space.shared), &dec(space.kept), &dec(space.inconsistent_blobs)]);
    line(&[b"summary", &plan.summary()]);
}

fn write_report(report: &Report, store: &Store) {
    for step in report {
        write_step(b"reported", step);
    }
    for status in Status::ALL {
        line(&[b"status", status.word().as_bytes(), &dec(report.count(status))]);
    }
    line(&[b"report", &dec(report.space_reclaimed), flag(report.cancelled)]);
    for name in &store.order {
        if store.names.contains_key(name) {
            line(&[b"left", name]);
        }
    }
}

/// The lines of a record, which begin with `record`.
#[derive(Default)]
struct Facts<'a> {
    ids: Vec<&'a [u8]>,
    needed: Vec<&'a [u8]>,
    labels: Vec<(&'a [u8], &'a [u8])>,
    blobs: Vec<(&'a [u8], u64)>,
    record: Record<'a>,
}

impl<'a> Facts<'a> {
    fn record(&'a self) -> Record<'a> {
        Record { ids: &self.ids, needed: &self.needed, labels: &self.labels, blobs: &self.blobs, ..self.record }
    }
}

/// Adds a fact to the last record of a batch, or returns false if the line is not about records.
fn add_fact<'a>(batch: &mut Vec<Facts<'a>>, f: &'a Fields) -> bool {
    if f[0] == b"record" {
        batch.push(Facts { record: Record::new(&f[1], &f[2]), ..Facts::default() });
        return true;
    }
    let last = match batch.last_mut() {
        Some(last) => last,
        None => return false,
    };
    match f[0].as_slice() {
        b"created" => last.record.created = Some(time(number(&f[1]), number(&f[2]))),
        b"last_used" => last.record.last_used = Some(time(number(&f[1]), number(&f[2]))),
        b"label" => last.labels.push((&f[1], &f[2])),
        b"pinned" => last.record.pinned = f[1] == b"1",
        b"dangling" => last.record.dangling = Some(f[1] == b"1"),
        b"id" => last.ids.push(&f[1]),
        b"subject" => last.record.subject = Some(&f[1]),
        b"needed" => last.needed.push(&f[1]),
        b"blob" => last.blobs.push((&f[1], number(&f[2]))),
        _ => return false,
    }
    true
}

fn read_fact(l: &mut Listing, o: &mut Options, f: &Fields) -> Result<(), Error> {
    let record = l.records().wrapping_sub(1);
    match f[0].as_slice() {
        b"record" => l.add_record(&f[1], &f[2]),
        b"created" => l.set_created(record, time(number(&f[1]), number(&f[2]))),
        b"last_used" => l.set_last_used(record, time(number(&f[1]), number(&f[2]))),
        b"label" => l.add_label(record, &f[1], &f[2]),
        b"pinned" => l.set_pinned(record, f[1] == b"1"),
        b"dangling" => l.set_dangling(record, f[1] == b"1"),
        b"id" => l.add_id(record, &f[1]),
        b"subject" => l.set_subject(record, &f[1]),
        b"needed" => l.add_needed(record, &f[1]),
        b"blob" => l.add_blob(record, &f[1], number(&f[2])),
        b"container" => l.add_container(&f[1], &f[2]),
        b"called" => l.set_container_name(l.containers() - 1, &f[1]),
        b"mount" => l.add_mount(l.containers() - 1, &f[1]),
        b"scope" => o.set_scope(&f[1]),
        b"preset" => o.set_usage_preset(&f[1]),
        b"usage" => o.set_usage(f[1] == b"1", &f[2], &f[3]),
        b"filter" => o.add_filter(&f[1], time(1719500000, 123456789)),
        b"keep" => o.add_keep(&f[1]),
        b"keep_newest" => o.add_keep_newest(number(&f[1]), &f[2], &f[3]),
        b"keep_younger_than" => o.set_keep_younger_than(time(number(&f[1]), number(&f[2]))),
        b"bytes_to_free" => o.set_bytes_to_free(number(&f[1])),
        b"delete_unused_before" => o.set_delete_unused_before(time(number(&f[1]), number(&f[2]))),
        b"survivor" => o.set_survivor(&f[1]),
        unknown => panic!("unknown line: {:?}", unknown),
    }
}

/// A line `container`, and the lines that belong to it.
struct Used<'a> {
    container: Container<'a>,
    mounts: Vec<&'a [u8]>,
}

impl<'a> Used<'a> {
    fn container(&'a self) -> Container<'a> {
        Container { mounts: &self.mounts, ..self.container }
    }
}

/// Adds a line about containers to a batch, or returns false if the line is not about them.
fn add_use<'a>(batch: &mut Vec<Used<'a>>, f: &'a Fields) -> bool {
    match f[0].as_slice() {
        b"container" => batch.push(Used { container: Container::new(&f[1], &f[2]), mounts: Vec::new() }),
        b"called" => batch.last_mut().unwrap().container.name = Some(&f[1]),
        b"mount" => batch.last_mut().unwrap().mounts.push(&f[1]),
        _ => return false,
    }
    true
}

fn write_everything(
    plan: &Plan,
    by_default: &Plan,
    uses: &[Used],
    mut listed: Listing,
    options: &Options,
) -> Result<(), Error> {
    line(&[b"json_lines", &plan.json_lines()?]);
    line(&[b"dot", &plan.dot()?]);
    for change in by_default.diff(plan)? {
        line(&[
            b"change",
            change.kind.as_bytes(),
            &change.name,
            &number_or_none(change.before),
            &number_or_none(change.after),
            change.reason_before.unwrap_or_default().as_bytes(),
            change.reason_after.unwrap_or_default().as_bytes(),
            flag(change.target_changed),
        ]);
    }
    for decision in plan {
        line(&[b"shard", &dec(pruneplan::shard_of(decision.target, 7)?)]);
    }
    let mut usage = Usage::new()?;
    for part in uses.chunks(2) {
        let mut node = Usage::new()?;
        node.add_containers(part.iter().map(Used::container))?;
        usage.merge(&node)?;
    }
    line(&[b"usage", &usage.to_bytes()?]);
    listed.add_usage(&Usage::from_bytes(usage.to_bytes()?)?)?;
    line(&[b"usage_json_lines", &Plan::new(&listed, Some(options))?.json_lines()?]);
    Ok(())
}

/// Returns a plan, which outlives its listing and options. Adds records and containers one by one, or in one call each.
fn plan(world: &[Fields], in_one_call: bool, everything: bool, store: &mut Store) -> Result<Plan, Error> {
    let mut listing = Listing::new()?;
    let mut options = Options::new()?;
    let (mut batch, mut uses) = (Vec::new(), Vec::new());
    for fields in world {
        if fields[0] == b"record" {
            store.add(&fields[1], &fields[2]);
        }
        let batched = add_use(&mut uses, fields) || (in_one_call && add_fact(&mut batch, fields));
        if !in_one_call || !batched {
            read_fact(&mut listing, &mut options, fields)?;
        }
    }
    listing.add_records(batch.iter().map(Facts::record))?;
    if in_one_call {
        listing.add_containers(uses.iter().map(Used::container))?;
    }
    let plan = Plan::new(&listing, Some(&options))?;
    if everything {
        write_plan(&plan);
        let mut listed = Listing::new()?;
        let mut ignored = Options::new()?;
        for fields in world.iter().filter(|fields| !matches!(fields[0].as_slice(), b"container" | b"called" | b"mount")) {
            read_fact(&mut listed, &mut ignored, fields)?;
        }
        write_everything(&plan, &Plan::new(&listing, None)?, &uses, listed, &options)?;
    }
    Ok(plan)
}

fn plan_world(world: &[Fields], in_one_call: bool, everything: bool) -> Result<(), Error> {
    let mut store = Store::default();
    let plan = plan(world, in_one_call, everything, &mut store)?;
    if !everything {
        write_plan(&plan);
    }
    let mut report = Report::default();
    if let Err(error) = plan.apply(&mut store, &[], &mut report) {
        line(&[b"refused", error.code.as_bytes(), error.message.as_bytes()]);
        let accept: Vec<&str> = plan.doubts().filter(|doubt| doubt.blocks).map(|doubt| doubt.kind).collect();
        plan.apply(&mut store, &accept, &mut report)?;
    }
    write_report(&report, &store);
    Ok(())
}

fn main() {
    let file = std::env::args().nth(1).expect("usage: worlds FILE [everything]");
    let everything = std::env::args().nth(2).as_deref() == Some("everything");
    let text = std::fs::read(file).unwrap();
    let mut worlds = 0;
    let mut world: Vec<Fields> = Vec::new();
    for row in text.strip_suffix(b"\n").unwrap().split(|&byte| byte == b'\n') {
        let fields: Fields = row.split(|&byte| byte == b'\t').map(unescaped).collect();
        match fields[0].as_slice() {
            b"world" => {
                line(&[b"world", &fields[1]]);
                world.clear();
            }
            b"end" => {
                worlds += 1;
                if let Err(error) = plan_world(&world, worlds % 2 == 1, everything) {
                    line(&[b"error", error.code.as_bytes(), error.message.as_bytes()]);
                }
            }
            _ => world.push(fields),
        }
    }
    assert!(worlds > 0);
    assert_eq!(pruneplan::live_handles(), 0, "a handle was not dropped");
}
