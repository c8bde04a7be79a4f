# SPDX-License-Identifier: BSL-1.0
"""Tests that misuse of the Python wrapper raises an exception, deletes nothing, and loses no report."""

import concurrent.futures
import contextlib
import gc

import pruneplan
from pruneplan import Outcome, Status


@contextlib.contextmanager
def raises(kind, words=""):
    try:
        yield
    except kind as exception:
        assert words in str(exception), exception
        return
    raise AssertionError(f"no {kind.__name__} was raised")


def planned(listing):
    with pruneplan.Options() as options:
        options.set_scope("unused")
        return pruneplan.Plan(listing, options)


def two_records():
    listing = pruneplan.Listing()
    listing.add_record("a:1", "sha256:a")
    listing.add_record("b:1", "sha256:b")
    return listing


class Returns(pruneplan.Host):
    """A host whose `remove` returns one thing."""

    def __init__(self, returned):
        self.returned = returned
        self.names = []
        self.steps = []

    def remove(self, name, target, survivor):
        self.names.append(name)
        return self.returned

    def after(self, step):
        self.steps.append(step)


def remove_must_return_a_status():
    plan = planned(two_records())
    for returned in (None, False, True, 0, 1, "removed", (Status.REMOVED, True), Outcome(True), Outcome(1)):
        report = pruneplan.Report()
        with raises(TypeError, "must return a Status or an Outcome"):
            pruneplan.apply(plan, Returns(returned), report=report)
        assert [step.status for step in report.steps] == [Status.FAILED] and report.cancelled
    for status in (Status.VETOED, Status.NEEDED, Status.ATTACHED):
        assert pruneplan.apply(plan, Returns(status)).count(Status.FAILED) == 2


def steps_are_copies():
    host = Returns(Outcome(Status.FAILED, b"a message of the store that is not short"))
    plan = planned(two_records())
    decisions, doubts = list(plan), plan.doubts()
    report = pruneplan.apply(plan, host)
    plan.close()
    gc.collect()
    assert [decision.name for decision in decisions] == [b"a:1", b"b:1"] and not doubts
    assert report.steps == host.steps
    assert host.steps[1] == (b"b:1", b"b:1", b"sha256:b", Status.FAILED, host.returned.error, False, 0)


def an_exception_in_a_callback_ends_the_run_and_keeps_the_report():
    class Raises(Returns):
        def after(self, step):
            raise KeyError("after")

    report = pruneplan.Report()
    with raises(KeyError, "after"):
        pruneplan.apply(planned(two_records()), Raises(Status.REMOVED), report=report)
    assert report.untagged == [b"a:1"] and report.cancelled

    class Fails(pruneplan.Host):
        def remove(self, name, target, survivor):
            raise OSError("no daemon")

    report = pruneplan.apply(planned(two_records()), Fails())
    assert [step.error for step in report.steps] == [b"OSError('no daemon')"] * 2


def a_closed_handle_raises():
    listing = two_records()
    plan = planned(listing)
    options = pruneplan.Options()
    for handle in (listing, plan, options):
        handle.close()
        handle.close()
    with raises(ValueError, "the Listing is closed"):
        listing.add_record("c:1", "sha256:c")
    with raises(ValueError, "the Listing is closed"):
        pruneplan.Plan(listing)
    with raises(ValueError, "the Options is closed"):
        options.set_scope("unused")
    with raises(ValueError, "the Options is closed"):
        pruneplan.Plan(two_records(), options)
    for use in (len, list, lambda plan: plan[0], lambda plan: plan.explain(0), lambda plan: plan.doubts(),
                lambda plan: plan.space(), lambda plan: plan.deleted, lambda plan: plan.count("unused"),
                lambda plan: pruneplan.apply(plan, Returns(Status.REMOVED))):
        with raises(ValueError, "the Plan is closed"):
            use(plan)


def arguments_of_a_wrong_type_or_size_raise():
    listing, options = two_records(), pruneplan.Options()
    for name, target in ((5, "sha256:c"), ("c:1", 3), (None, "sha256:c")):
        with raises(TypeError, "a text is bytes or str"):
            listing.add_record(name, target)
    for created in ((1 << 63, 0), (0, 1_000_000_000), (0, -1)):
        with raises(ValueError, "is not from"):
            listing.add_record("c:1", "sha256:c", created=created)
    for size in (-1, 1 << 64):
        with raises(ValueError, "is not from"):
            listing.add_record("c:1", "sha256:c", blobs=[("blob", size)])
    with raises(TypeError, "a number is an int"):
        options.set_bytes_to_free(0.5)
    with raises(ValueError, "is not from"):
        options.set_bytes_to_free(1 << 64)
    plan = planned(listing)
    assert len(plan) == 2
    for record in (-1, 2, 1 << 64):
        with raises(IndexError):
            plan.explain(record)
        with raises(IndexError):
            plan[record]


def unknown_words_and_negative_sizes_raise():
    plan = planned(two_records())
    with raises(pruneplan.Error, 'unknown word "unprotcted"'):
        plan.count("unprotcted")
    with raises(pruneplan.Error, 'unknown word "unmatched"'):
        pruneplan.apply(plan, Returns(Status.REMOVED), accept=["unmatched"])
    with raises(ValueError):
        pruneplan.Report().count("removed")
    with pruneplan.Options() as options:
        options.set_bytes_to_free(-1)
        with raises(pruneplan.Error, "invalid bytes_to_free -1"):
            pruneplan.Plan(two_records(), options)


def threads_can_share_handles():
    listing = pruneplan.Listing()

    def add(thread):
        for i in range(500):
            number = listing.add_record(f"app:{thread}.{i}", f"sha256:{thread}", created=(thread, i), needed="sha256:0")
            listing.add_container("sha256:0", "", name=f"{thread}")
            if i % 100 == 0:
                assert planned(listing)[number].name == f"app:{thread}.{i}".encode()

    def read():
        with contextlib.suppress(ValueError):
            while True:
                plan.explain(len(plan) - 1)

    in_threads(*((add, thread) for thread in range(4)))
    plan = planned(listing)
    assert len(plan) == 2000 and len({decision.name for decision in plan}) == 2000
    in_threads((read,), (read,), (plan.close,))


def in_threads(*calls):
    with concurrent.futures.ThreadPoolExecutor(len(calls)) as pool:
        for future in [pool.submit(*call) for call in calls]:
            future.result()


remove_must_return_a_status()
steps_are_copies()
an_exception_in_a_callback_ends_the_run_and_keeps_the_report()
a_closed_handle_raises()
arguments_of_a_wrong_type_or_size_raise()
unknown_words_and_negative_sizes_raise()
threads_can_share_handles()
gc.collect()
assert pruneplan.live_handles() == 0
