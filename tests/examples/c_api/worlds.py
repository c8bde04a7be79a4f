# SPDX-License-Identifier: BSL-1.0
"""Plans and applies random worlds through the C API. worlds.cpp describes the input and the output. With the argument
"everything", prints what `worlds everything` prints."""

import gc
import re
import sys

import pruneplan

NOW = 1719500000_123456789


def escaped(field):
    if field is None:
        return "-"
    if isinstance(field, bool):
        return str(int(field))
    data = field if isinstance(field, bytes) else str(field).encode()
    return "".join(chr(b) if 0x20 <= b <= 0x7E and b != 0x25 else f"%{b:02X}" for b in data)


def unescaped(text):
    return re.sub(rb"%(..)", lambda match: bytes([int(match[1], 16)]), text)


def line(*fields):
    print("\t".join(map(escaped, fields)))


def answer_for(name):
    return sum((i + 1) * byte for i, byte in enumerate(name)) % 16


def write_step(kind, step):
    line(kind, step.name, step.familiar, step.target, step.status.name.lower(), step.error, step.image_deleted,
         step.reclaimed)


class Store(pruneplan.Host):
    def __init__(self, records):
        self.names = {name: target for name, target, _ in records if answer_for(name) != 6}
        self.steps = 0

    def remove(self, name, target, survivor):
        status = pruneplan.Status
        if survivor and self.names.get(survivor) != target:
            return status.SURVIVOR_GONE
        answer = answer_for(name)
        if answer == 0:
            return pruneplan.Outcome(status.FAILED, b"cannot remove " + name)
        if answer == 2:
            return pruneplan.Outcome(status.IN_USE, still_named=True)
        if answer in (1, 3):
            return status.CHANGED if answer == 1 else status.NOT_FOUND
        if self.names.get(name) != target:
            return status.CHANGED
        del self.names[name]
        return pruneplan.Outcome(status.REMOVED, still_named=answer == 5)

    def before(self, decision):
        line("before", decision.record, decision.name, decision.reason)
        return answer_for(decision.name) != 4

    def after(self, step):
        write_step("step", step)

    def should_stop(self):
        self.steps += 1
        return self.steps == 5


def write_plan(plan):
    for record, decision in enumerate(plan):
        line("decision", record, decision.name, decision.target, "delete" if decision.deletes else "keep",
             decision.reason, decision.container, decision.mounted, decision.option, plan.explain(record))
    for decision in plan:
        line("count", plan.count(decision.reason))
    for doubt in plan.doubts():
        line("doubt", *doubt)
    for record in plan.deletions():
        line("deletion", record)
    line("counts", plan.kept, plan.deleted)
    line("space", *plan.space())
    line("summary", plan.summary())


def write_everything(plan, by_default, listed, usage, options):
    line("json_lines", plan.json_lines())
    line("dot", plan.dot())
    for change in by_default.diff(plan):
        line("change", *change[:4], *(reason or "" for reason in change[4:6]), change.target_changed)
    for decision in plan:
        line("shard", pruneplan.shard_of(decision.target, 7))
    line("usage", usage.to_bytes())
    listed.add_usage(pruneplan.Usage.from_bytes(usage.to_bytes()))
    with pruneplan.Plan(listed, options) as by_usage:
        line("usage_json_lines", by_usage.json_lines())


def write_report(report, store, records):
    for step in report.steps:
        write_step("reported", step)
    for status in pruneplan.Status:
        line("status", status.name.lower(), report.count(status))
    line("report", report.space_reclaimed, report.cancelled)
    for name, _, _ in records:
        if name in store.names:
            line("left", name)


def moment(fields):
    return int(fields[0]) * 1_000_000_000 + int(fields[1])


def read_option(options, key, fields):
    if key == "scope":
        options.set_scope(*fields)
    elif key == "preset":
        options.set_usage_preset(*fields)
    elif key == "usage":
        options.set_usage(fields[0] == b"1", *fields[1:])
    elif key == "filter":
        options.add_filter(*fields, NOW)
    elif key == "keep":
        options.add_keep(*fields)
    elif key == "survivor":
        options.set_survivor(*fields)
    elif key == "keep_newest":
        options.add_keep_newest(int(fields[0]), *fields[1:])
    elif key == "keep_younger_than":
        options.set_keep_younger_than(moment(fields))
    elif key == "bytes_to_free":
        options.set_bytes_to_free(int(fields[0]))
    elif key == "delete_unused_before":
        options.set_delete_unused_before(moment(fields))
    else:
        sys.exit(f"unknown line: {key}")


def read_fact(facts, key, fields):
    """Adds a field of the last record. Returns False if `key` is not one."""
    if key in ("created", "last_used"):
        facts[key] = moment(fields)
    elif key == "label":
        facts["labels"].append(fields)
    elif key == "blob":
        facts["blobs"].append((fields[0], int(fields[1])))
    elif key in ("pinned", "dangling"):
        facts[key] = fields[0] == b"1"
    elif key in ("id", "needed"):
        facts["ids" if key == "id" else key].append(fields[0])
    elif key == "subject":
        facts["subject"] = fields[0]
    else:
        return False
    return True


def plan_world(world, everything):
    records, containers = [], []
    with pruneplan.Options() as options, pruneplan.Listing() as listing:
        for key, *fields in world:
            key = key.decode()
            if key == "record":
                records.append((*fields, {"labels": [], "blobs": [], "ids": [], "needed": []}))
            elif key == "container":
                containers.append([*fields, [], b""])
            elif key == "called":
                containers[-1][3] = fields[0]
            elif key == "mount":
                containers[-1][2].append(fields[0])
            elif not records or not read_fact(records[-1][2], key, fields):
                read_option(options, key, fields)
        listed = [pruneplan.Record(name, target, **facts) for name, target, facts in records]
        used = [pruneplan.Container(*container) for container in containers]
        listing.add_records(listed)
        listing.add_containers(used)
        plan = pruneplan.Plan(listing, options)
        if everything:
            write_plan(plan)
            write_everything(plan, pruneplan.Plan(listing), pruneplan.Listing(listed), pruneplan.Usage(used), options)
    # A plan outlives its listing and options.
    with plan:
        if not everything:
            write_plan(plan)
        store = Store(records)
        try:
            report = pruneplan.apply(plan, store)
        except pruneplan.Error as error:
            line("refused", error.code, str(error))
            report = pruneplan.apply(plan, store, accept=[doubt.kind for doubt in plan.doubts() if doubt.blocks])
        write_report(report, store, records)


def main(file, everything):
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
                    plan_world(world, everything)
                except pruneplan.Error as error:
                    line("error", error.code, str(error))
            else:
                world.append(fields)
    gc.collect()
    if pruneplan.live_handles() != 0:
        sys.exit(f"{pruneplan.live_handles()} handles were not freed")
    return 0 if worlds else 1


sys.exit(main(sys.argv[1], sys.argv[2:] == ["everything"]))
