# SPDX-License-Identifier: BSL-1.0
"""Plans and applies a prune of a small store, in Python."""

import pruneplan

ALPINE, POSTGRES, APP_1, APP_2, TOOLS = ("sha256:" + digit * 64 for digit in "abcde")


class Store(pruneplan.Host):
    def __init__(self) -> None:
        self.images = {
            "docker.io/library/alpine:3.20": (ALPINE, 8),
            "docker.io/library/alpine:latest": (ALPINE, 8),
            "docker.io/library/postgres:16": (POSTGRES, 400),
            "ghcr.io/team/app:1": (APP_1, 50),
            "ghcr.io/team/app:2": (APP_2, 60),
            "ghcr.io/team/tools:1": (TOOLS, 30),
        }

    def points_at(self, name: bytes, target: bytes) -> bool:
        return self.images.get(name.decode(), ("", 0))[0] == target.decode()

    def remove(self, name: bytes, target: bytes, survivor: bytes) -> pruneplan.Status:
        """A daemon does this in one transaction."""
        if survivor and not self.points_at(survivor, target):
            return pruneplan.Status.SURVIVOR_GONE
        if not self.points_at(name, target):
            return pruneplan.Status.CHANGED
        del self.images[name.decode()]
        return pruneplan.Status.REMOVED

    def after(self, step: pruneplan.Step) -> None:
        print(f"{step.status.name.lower()}: {step.name.decode()}")


def main() -> None:
    store = Store()
    with pruneplan.Listing() as listing, pruneplan.Options() as options:
        images = store.images.items()
        listing.add_records(pruneplan.Record(name, target, blobs=[(target, size)]) for name, (target, size) in images)
        listing.add_containers(
            [pruneplan.Container(ALPINE, "aaaaaaaaaaaa"), pruneplan.Container(POSTGRES, "postgres:16")]
        )
        options.set_scope("unused")
        options.add_keep("ghcr.io/team/tools")
        options.add_keep("ghcr.io/team/base")
        plan = pruneplan.Plan(listing, options)

    with plan:
        for decision in plan:
            action = "delete" if decision.deletes else "keep  "
            print(f"{action}  {decision.name.decode()}: {decision.reason}")
        for doubt in plan.doubts():
            print("doubt:", doubt.sentence.decode())
        print("plan:", plan.summary())

        # The store changes after the plan: this name points at another image now, and is kept.
        store.images["ghcr.io/team/app:2"] = (TOOLS, 30)
        report = pruneplan.apply(plan, store)
    for step in report:
        if step.status is pruneplan.Status.REMOVED:
            print("untagged:", step.familiar.decode())
        if step.image_deleted:
            print("deleted:", step.target.decode())
    print(f"reclaimed: {report.space_reclaimed} bytes")


main()
if pruneplan.live_handles() != 0:
    raise SystemExit("a handle was not freed")
