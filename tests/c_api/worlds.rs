// SPDX-License-Identifier: BSL-1.0

//! Plans and applies random worlds through the C API. worlds.cpp describes the input and the output.

use pruneplan::{Error, Host, Listing, Options, Outcome, Plan, Report, Step};
use std::collections::HashMap;
use std::io::Write;

const NOW: (i64, i32) = (1719500000, 123456789);

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

fn flag(is: bool) -> &'static [u8] {
    if is { b"1" } else { b"0" }
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
    fn holds(&self, name: &[u8], target: &[u8]) -> bool {
        self.names.get(name).map_or(false, |known| known == target)
    }
}

impl Host for Store {
    fn remove(&mut self, name: &[u8], target: &[u8], survivor: Option<&[u8]>) -> Outcome {
        if survivor.map_or(false, |survivor| !self.holds(survivor, target)) {
            return Outcome::InUse;
        }
        match answer_for(name) {
            0 => return Outcome::Failed([b"cannot remove ", name].concat()),
            1 => return Outcome::Changed,
            2 => return Outcome::InUse,
            3 => return Outcome::NotFound,
            _ => (),
        }
        if !self.holds(name, target) {
            return Outcome::Changed;
        }
        self.names.remove(name);
        if answer_for(name) == 5 { Outcome::RemovedButStillNamed } else { Outcome::Removed }
    }

    fn before(&mut self, step: &Step) -> bool {
        line(&[b"before", step.name, step.reason.as_bytes()]);
        answer_for(step.name) != 4
    }

    fn after(&mut self, step: &Step) {
        line(&[
            b"step",
            &dec(step.done),
            &dec(step.total),
            &dec(step.record),
            step.name,
            step.target,
            &dec(step.status),
            step.error,
            flag(step.image_deleted),
            &dec(step.space_reclaimed),
        ]);
    }

    fn should_stop(&mut self) -> bool {
        self.steps += 1;
        self.steps == 5
    }
}

fn write_plan(plan: &Plan) {
    for i in 0..plan.records() {
        let action: &[u8] = if plan.deletes(i) { b"delete" } else { b"keep" };
        let container = plan.container(i).map_or(b"-".to_vec(), dec);
        line(&[b"decision", &dec(i), action, plan.reason(i).as_bytes(), &container, &plan.explain(i)]);
    }
    for i in 0..plan.records() {
        line(&[b"count", &dec(plan.count(plan.reason(i)))]);
    }
    for container in plan.unmatched_containers() {
        line(&[b"unmatched", &dec(container)]);
    }
    for record in plan.deletions() {
        line(&[b"deletion", &dec(record), plan.name(record), plan.target(record)]);
    }
    line(&[b"counts", &dec(plan.kept()), &dec(plan.deleted())]);
    let space = plan.estimate_space().unwrap();
    line(&[b"space", &dec(space.freed), &dec(space.shared), &dec(space.kept), &dec(space.inconsistent_blobs)]);
}

fn write_report(report: &Report, store: &Store) {
    for (name, familiar, target) in report.untagged() {
        line(&[b"untagged", name, familiar, target]);
    }
    for digest in report.deleted() {
        line(&[b"deleted", digest]);
    }
    for (name, target, error) in report.failures() {
        line(&[b"failure", name, target, error]);
    }
    for (name, target, reason) in report.skipped() {
        line(&[b"skipped", name, target, reason.as_bytes()]);
    }
    line(&[b"report", &dec(report.space_reclaimed()), flag(report.cancelled())]);
    for name in &store.order {
        if store.names.contains_key(name) {
            line(&[b"left", name]);
        }
    }
}

fn read_fact(l: &mut Listing, o: &mut Options, store: &mut Store, f: &Fields) -> Result<(), Error> {
    let record = l.records().wrapping_sub(1);
    match f[0].as_slice() {
        b"record" => {
            store.names.insert(f[1].clone(), f[2].clone());
            store.order.push(f[1].clone());
            return l.add_record(&f[1], &f[2]);
        }
        b"created" => return l.set_created(record, number(&f[1]), number(&f[2])),
        b"last_used" => return l.set_last_used(record, number(&f[1]), number(&f[2])),
        b"label" => return l.add_label(record, &f[1], &f[2]),
        b"pinned" => return l.set_pinned(record, f[1] == b"1"),
        b"dangling" => return l.set_dangling(record, f[1] == b"1"),
        b"parent" => return l.set_parent(record, &f[1]),
        b"blob" => return l.add_blob(record, &f[1], number(&f[2])),
        b"container" => return l.add_container(&f[1], &f[2]),
        b"mount" => return l.add_mount(l.containers() - 1, &f[1]),
        b"scope" => return o.set_scope(&f[1]),
        b"preset" => return o.set_usage_preset(&f[1]),
        b"filter" => return o.add_filter(&f[1], NOW),
        b"keep" => return o.add_keep(&f[1]),
        b"survivor" => return o.set_survivor(&f[1]),
        b"keep_younger_than" => return o.set_keep_younger_than(number(&f[1]), number(&f[2])),
        b"usage" => o.set_usage(f[1] == b"1", f[2] == b"1", f[3] == b"1"),
        b"keep_newest" => o.set_keep_newest(number(&f[1])),
        b"bytes_to_free" => o.set_bytes_to_free(number(&f[1])),
        unknown => panic!("unknown line: {:?}", unknown),
    }
    Ok(())
}

/// Returns a plan, which outlives its listing and options.
fn plan(world: &[Fields], store: &mut Store) -> Result<Plan, Error> {
    let mut listing = Listing::new()?;
    let mut options = Options::new()?;
    for fields in world {
        read_fact(&mut listing, &mut options, store, fields)?;
    }
    Plan::new(&listing, Some(&options))
}

fn plan_world(world: &[Fields]) -> Result<(), Error> {
    let mut store = Store::default();
    let plan = plan(world, &mut store)?;
    write_plan(&plan);
    let report = plan.apply(&mut store)?;
    write_report(&report, &store);
    Ok(())
}

fn main() {
    let file = std::env::args().nth(1).expect("usage: worlds FILE");
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
                if let Err(error) = plan_world(&world) {
                    line(&[b"error", error.code.as_bytes(), error.message.as_bytes()]);
                }
            }
            _ => world.push(fields),
        }
    }
    assert!(worlds > 0);
    assert_eq!(pruneplan::live_handles(), 0, "a handle was not dropped");
}
