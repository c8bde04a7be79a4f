# SPDX-License-Identifier: BSL-1.0
"""Plans and applies a prune of a small store, in Python."""

import pruneplan

ALPINE, POSTGRES, APP_1, APP_2, TOOLS = ("sha256:" + digit * 64 for digit in "abcde")


class Store(pruneplan.Host):
    def __init__(self):
        self.images = {
            "docker.io/library/alpine:3.20": (ALPINE, 8),
            "docker.io/library/alpine:latest": (ALPINE, 8),
            "docker.io/library/postgres:16": (POSTGRES, 400),
            "ghcr.io/team/app:1": (APP_1, 50),
            "ghcr.io/team/app:2": (APP_2, 60),
            "ghcr.io/team/tools:1": (TOOLS, 30),
        }

    def points_at(self, name, target):
        return self.images.get(name.decode(), ("", 0))[0] == target.decode()

    def remove(self, name, target, survivor):
        """A daemon does this in one transaction."""
        if survivor is not None and not self.points_at(survivor, target):
            return pruneplan.Status.IN_USE
        if not self.points_at(name, target):
            return pruneplan.Status.CHANGED
        del self.images[name.decode()]
        return pruneplan.Status.REMOVED

    def after(self, step):
        removed = "is removed" if step.status == pruneplan.Status.REMOVED else "is not removed"
        print(f"step {step.done} of {step.total}: {step.name.bytes().decode()} {removed}")


def main():
    store = Store()
    with pruneplan.Listing() as listing, pruneplan.Options() as options:
        for name, (target, size) in store.images.items():
            listing.add_record(name, target, blobs=[(target, size)])
        listing.add_container(ALPINE, "aaaaaaaaaaaa")
        listing.add_container(POSTGRES, "postgres:16")
        options.set_scope("unused")
        options.set_usage_preset("strict")
        options.add_keep("ghcr.io/team/tools")
        plan = pruneplan.Plan(listing, options)

    with plan:
        for record in range(len(plan)):
            action = "delete" if plan.deletes(record) else "keep  "
            print(f"{action}  {plan.name(record).decode()}: {plan.reason(record)}")
        print(f"plan: {plan.deleted} of {len(plan)} names, {plan.space().freed} bytes")

        # The store changes after the plan: this name points at another image now, and is kept.
        store.images["ghcr.io/team/app:2"] = (TOOLS, 30)
        with pruneplan.apply(plan, store) as report:
            for _, name, _ in report.untagged:
                print("untagged:", name.decode())
            for digest in report.deleted:
                print("deleted:", digest.decode())
            for name, _, reason in report.skipped:
                print(f"skipped: {name.decode()}: {reason.decode()}")
            print(f"reclaimed: {report.space_reclaimed} bytes")


main()
if pruneplan.live_handles() != 0:
    raise SystemExit("a handle was not freed")
