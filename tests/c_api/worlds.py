# SPDX-License-Identifier: BSL-1.0
"""Plans and applies random worlds through the C API. worlds.cpp describes the input and the output."""

import gc
import re
import sys

import pruneplan

NOW = (1719500000, 123456789)


def escaped(field):
    data = field if isinstance(field, bytes) else str(field).encode()
    return "".join(chr(b) if 0x20 <= b <= 0x7E and b != 0x25 else f"%{b:02X}" for b in data)


def unescaped(text):
    return re.sub(rb"%(..)", lambda match: bytes([int(match[1], 16)]), text)


def line(*fields):
    print("\t".join(map(escaped, fields)))


def answer_for(name):
    return sum((i + 1) * byte for i, byte in enumerate(name)) % 16


class Store(pruneplan.Host):
    def __init__(self, records):
        self.names = {name: target for name, target, _ in records}
        self.steps = 0

    def remove(self, name, target, survivor):
        status = pruneplan.Status
        if survivor is not None and self.names.get(survivor) != target:
            return status.IN_USE
        answer = answer_for(name)
        if answer == 0:
            return status.FAILED, b"cannot remove " + name
        if answer in (1, 2, 3):
            return (status.CHANGED, status.IN_USE, status.NOT_FOUND)[answer - 1]
        if self.names.get(name) != target:
            return status.CHANGED
        del self.names[name]
        return status.REMOVED, answer == 5

    def before(self, step):
        line("before", step.name.bytes(), step.reason.bytes())
        return answer_for(step.name.bytes()) != 4

    def after(self, step):
        line("step", step.done, step.total, step.record, step.name.bytes(), step.target.bytes(), step.status,
             step.error.bytes(), int(step.image_deleted), step.space_reclaimed)

    def should_stop(self):
        self.steps += 1
        return self.steps == 5


def write_plan(plan):
    for record in range(len(plan)):
        container = plan.container(record)
        line("decision", record, "delete" if plan.deletes(record) else "keep", plan.reason(record),
             container if container is not None else "-", plan.explain(record))
    for record in range(len(plan)):
        line("count", plan.count(plan.reason(record)))
    for container in plan.unmatched_containers():
        line("unmatched", container)
    for record in plan.deletions():
        line("deletion", record, plan.name(record), plan.target(record))
    line("counts", plan.kept, plan.deleted)
    space = plan.space()
    line("space", space.freed, space.shared, space.kept, space.inconsistent_blobs)


def write_report(report, store, records):
    for untagged in report.untagged:
        line("untagged", *untagged)
    for digest in report.deleted:
        line("deleted", digest)
    for failure in report.failures:
        line("failure", *failure)
    for skipped in report.skipped:
        line("skipped", *skipped)
    line("report", report.space_reclaimed, int(report.cancelled))
    for name, _, _ in records:
        if name in store.names:
            line("left", name)


def read_option(options, key, fields):
    if key == "scope":
        options.set_scope(*fields)
    elif key == "preset":
        options.set_usage_preset(*fields)
    elif key == "usage":
        options.set_usage(*(field == b"1" for field in fields))
    elif key == "filter":
        options.add_filter(*fields, NOW)
    elif key == "keep":
        options.add_keep(*fields)
    elif key == "survivor":
        options.set_survivor(*fields)
    elif key == "keep_newest":
        options.set_keep_newest(int(fields[0]))
    elif key == "keep_younger_than":
        options.set_keep_younger_than(*map(int, fields))
    elif key == "bytes_to_free":
        options.set_bytes_to_free(int(fields[0]))
    else:
        sys.exit(f"unknown line: {key}")


def read_fact(facts, key, fields):
    """Adds a field of the last record. Returns False if `key` is not one."""
    if key in ("created", "last_used"):
        facts[key] = tuple(map(int, fields))
    elif key == "label":
        facts["labels"].append(fields)
    elif key == "blob":
        facts["blobs"].append((fields[0], int(fields[1])))
    elif key in ("pinned", "dangling"):
        facts[key] = fields[0] == b"1"
    elif key == "parent":
        facts[key] = fields[0]
    else:
        return False
    return True


def plan_world(world):
    records, containers = [], []
    with pruneplan.Options() as options, pruneplan.Listing() as listing:
        for key, *fields in world:
            key = key.decode()
            if key == "record":
                records.append((*fields, {"labels": [], "blobs": []}))
            elif key == "container":
                containers.append((*fields, []))
            elif key == "mount":
                containers[-1][2].append(fields[0])
            elif not records or not read_fact(records[-1][2], key, fields):
                read_option(options, key, fields)
        for name, target, facts in records:
            listing.add_record(name, target, **facts)
        for container in containers:
            listing.add_container(*container)
        plan = pruneplan.Plan(listing, options)
    # A plan outlives its listing and options.
    with plan:
        write_plan(plan)
        store = Store(records)
        with pruneplan.apply(plan, store) as report:
            write_report(report, store, records)


def main(file):
    worlds = 0
    world = []
    with open(file, "rb") as lines:
        for text in lines:
            fields = [unescaped(field) for field in text.rstrip(b"\n").split(b"\t")]
            if fields[0] == b"world":
                line(*fields)
                world = []
            elif fields[0] == b"end":
                worlds += 1
                try:
                    plan_world(world)
                except pruneplan.Error as error:
                    line("error", error.code, str(error))
            else:
                world.append(fields)
    gc.collect()
    if pruneplan.live_handles() != 0:
        sys.exit(f"{pruneplan.live_handles()} handles were not freed")
    return 0 if worlds else 1


sys.exit(main(sys.argv[1]))
