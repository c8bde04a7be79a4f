# SPDX-License-Identifier: BSL-1.0
"""Tests that misuse of the Python wrapper raises an exception, deletes nothing, and loses no report."""

import concurrent.futures
import contextlib
import datetime
import gc
import pickle
import threading
import time

import pruneplan
from pruneplan import Container, Outcome, Record, Status


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
    host = Returns(False)
    with raises(TypeError, "must return a Status or an Outcome, not False"):
        pruneplan.apply(plan, host)
    assert host.names == [b"a:1"] and not host.steps
    for returned in (None, False, True, 0, 1, "removed", (Status.REMOVED, True), Outcome(True), Outcome(1)):
        report = pruneplan.Report()
        with raises(TypeError, "must return a Status or an Outcome"):
            pruneplan.apply(plan, Returns(returned), report=report)
        assert [step.status for step in report.steps] == [Status.FAILED] and report.cancelled
        assert report.steps[0].error.startswith(b"remove must return a Status") or isinstance(returned, Outcome)
        assert not report.untagged and not report.deleted
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

    class Interrupted(Returns):
        def before(self, decision):
            if decision.name == b"b:1":
                raise KeyboardInterrupt
            return True

    for host, kind in ((Raises(Status.REMOVED), KeyError), (Interrupted(Status.REMOVED), KeyboardInterrupt)):
        try:
            pruneplan.apply(planned(two_records()), host)
        except kind as exception:
            assert [step.name for step in exception.report if step.status is Status.REMOVED] == [b"a:1"]
        else:
            raise AssertionError(f"no {kind.__name__} was raised")

    listing = two_records()
    listing.add_container("sha256:c", "c:1")
    try:
        pruneplan.apply(planned(listing), Returns(Status.REMOVED))
    except pruneplan.Error as error:
        assert error.code == "doubtful_plan" and error.report is not None and not error.report.steps
        copied = pickle.loads(pickle.dumps(error))
        assert (copied.code, str(copied), copied.report.steps) == (error.code, str(error), [])
    else:
        raise AssertionError("a doubtful plan was applied")

    class Fails(pruneplan.Host):
        def remove(self, name, target, survivor):
            raise OSError("no daemon")

    report = pruneplan.apply(planned(two_records()), Fails())
    assert [step.error for step in report.steps] == [b"OSError('no daemon')"] * 2


def a_closed_handle_raises():
    listing = two_records()
    plan = planned(listing)
    options = pruneplan.Options()
    usage = pruneplan.Usage()
    for handle in (listing, plan, options, usage):
        handle.close()
        handle.close()
    with raises(ValueError, "the Listing is closed"):
        listing.add_record("c:1", "sha256:c")
    with raises(ValueError, "the Listing is closed"):
        listing.add_records([("c:1", "sha256:c")])
    with raises(ValueError, "the Listing is closed"):
        pruneplan.Plan(listing)
    for use_usage in (len, pruneplan.Usage().merge, pruneplan.Listing().add_usage, pickle.dumps):
        with raises(ValueError, "the Usage is closed"):
            use_usage(usage)
    with raises(ValueError, "the Options is closed"):
        options.set_scope("unused")
    with raises(ValueError, "the Options is closed"):
        pruneplan.Plan(two_records(), options)
    for use in (len, list, lambda plan: plan[0], lambda plan: plan.explain(0), lambda plan: plan.doubts(),
                lambda plan: plan.space(), lambda plan: plan.deleted, lambda plan: plan.count("unused"),
                lambda plan: plan.json_lines(), lambda plan: plan.dot(), lambda plan: plan.diff(plan),
                lambda plan: pruneplan.apply(plan, Returns(Status.REMOVED))):
        with raises(ValueError, "the Plan is closed"):
            use(plan)


def arguments_of_a_wrong_type_or_size_raise():
    listing, options = two_records(), pruneplan.Options()
    for name, target in ((5, "sha256:c"), ("c:1", 3), (None, "sha256:c")):
        with raises(TypeError, "a text is bytes or str"):
            listing.add_record(name, target)
    for created in ((1 << 63) * 1_000_000_000, -(1 << 63) * 1_000_000_000 - 1):
        with raises(ValueError, "is not from"):
            listing.add_record("c:1", "sha256:c", created=created)
    for created in ((0, 0), 0.5, True, "2024-06-27", datetime.date(2024, 6, 27)):
        with raises(TypeError, "a time is a datetime or nanoseconds"):
            listing.add_record("c:1", "sha256:c", created=created)
    with raises(ValueError, "a time needs a time zone"):
        listing.add_record("c:1", "sha256:c", created=datetime.datetime(2024, 6, 27))
    for label in ("ab", ("a",), ("a", "b", "c"), 5):
        with raises((TypeError, ValueError), "a label or a blob "):
            listing.add_record("c:1", "sha256:c", labels=[label])
    for size in (-1, 1 << 64):
        with raises(ValueError, "is not from"):
            listing.add_record("c:1", "sha256:c", blobs=[("blob", size)])
    with raises(TypeError, "a number is an int"):
        options.set_bytes_to_free(0.5)
    with raises(ValueError, "is not from"):
        options.set_bytes_to_free(1 << 64)
    plan = planned(listing)
    assert len(plan) == 2
    for shards in (0, -1, 0.5):
        with raises((TypeError, ValueError, pruneplan.Error)):
            pruneplan.shard_of("sha256:a", shards)
    for record in (-1, 2, 1 << 64):
        with raises(IndexError):
            plan.explain(record)
        with raises(IndexError):
            plan[record]


def records_are_added_all_or_none():
    listing = two_records()
    zone = datetime.timezone(datetime.timedelta(hours=2))
    moment = datetime.datetime(2024, 6, 27, 12, 0, 0, 5, zone)
    nanoseconds = 1719482400_000005000
    assert listing.add_records([]) == range(2, 2)
    assert listing.add_records(iter([Record("c:1", b"sha256:c", moment), ("d:1", "sha256:\u00e9")])) == range(2, 4)
    many = [Record(f"e:{i}", "sha256:e", nanoseconds if i % 2 else None, blobs=[("blob", i)] * (i % 3))
            for i in range(5000)]
    assert listing.add_records(many) == range(4, 5004)
    for record in (("f:1",), ("f:1",) * 12, "f:1", ["f:1", "sha256:f"], None, ("f:1", None), (5, "sha256:f"),
                   ("f:1", "sha256:f", 0.5), Record("f:1", "sha256:f", blobs=[("blob", 1 << 64)])):
        for records in ([record], [*many, record], [record, *many]):
            with raises((TypeError, ValueError)):
                listing.add_records(records)
    with raises(KeyError):
        listing.add_records({}["none"] if i else ("f:1", "sha256:f") for i in range(2))
    with pruneplan.Options() as options:
        options.set_scope("unused")
        options.set_keep_younger_than(moment)
        plan = pruneplan.Plan(listing, options)
    assert len(plan) == 5004 and plan[3].target == "sha256:\u00e9".encode()
    assert plan[2].reason == "too_young" and plan.count("too_young") == 5004  # an unknown age counts as young
    with pruneplan.Options() as options:
        options.set_scope("unused")
        options.add_filter("until=" + "1719482401", moment)
        plan = pruneplan.Plan(listing, options)
        options.add_filter("until=1719482400", nanoseconds)
        assert pruneplan.Plan(listing, options).deleted == 0
    assert [decision.deletes for decision in plan[:6]] == [False, False, True, False, False, True]

    listing = pruneplan.Listing([Record("a:1", "sha256:a", labels={"env": "dev"}, ids="sha256:1"),
                                 Record("b:1", "sha256:b", labels=[("env", b"dev")], ids=("sha256:2", b"sha256:3"))],
                                [Container("sha256:1", "x", name="web"), ("sha256:3", "y")])
    assert [decision.container for decision in planned(listing)] == [0, 1]
    with raises(TypeError):
        listing.add_containers([("sha256:1", "x", [5])])
    with raises(TypeError):
        listing.add_containers([("sha256:1",)])


def usage_summaries_merge_and_survive_pickling():
    usage = pruneplan.Usage([("sha256:a", "a:1"), Container("sha256:a", "a:1", mounts="sha256:b")])
    copied = pickle.loads(pickle.dumps(usage))
    copied.merge(usage, copied)
    assert len(usage) == len(copied) == 2 and usage.to_bytes() == copied.to_bytes()
    with raises(pruneplan.Error, "invalid summary"):
        pruneplan.Usage.from_bytes(usage.to_bytes()[:-1])
    listing = two_records()
    listing.add_usage(copied)
    assert planned(listing).deleted == 0


def exceptions_of_writers_are_raised():
    plan = planned(two_records())
    pieces = []
    plan.write_json_lines(pieces.append)
    assert b"".join(pieces) == plan.json_lines() and plan.json_lines().count(b"\n") == 2
    with raises(ZeroDivisionError):
        plan.write_json_lines(lambda piece: 1 / 0)


def other_threads_run_during_a_plan():
    listing = pruneplan.Listing((f"app:{i}", f"sha256:{i}") for i in range(100_000))
    started = threading.Event()
    ticks = []

    def count():
        started.set()
        while not finished.is_set():
            ticks.append(time.perf_counter())
            time.sleep(0.0005)

    finished = threading.Event()
    counter = threading.Thread(target=count)
    counter.start()
    started.wait()
    begin = time.perf_counter()
    plan = planned(listing)
    end = time.perf_counter()
    finished.set()
    counter.join()
    assert len(plan) == 100_000 and sum(begin < tick < end for tick in ticks) > 1


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
            number = listing.add_record(f"app:{thread}.{i}", f"sha256:{thread}", created=i, needed="sha256:0")
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
    usages = [pruneplan.Usage([(f"sha256:{i}", "")]) for i in range(2)]
    in_threads(*((lambda a, b: [a.merge(b) for _ in range(200)], *pair) for pair in (usages, usages[::-1])))
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
records_are_added_all_or_none()
usage_summaries_merge_and_survive_pickling()
exceptions_of_writers_are_raised()
other_threads_run_during_a_plan()
threads_can_share_handles()
gc.collect()
assert pruneplan.live_handles() == 0
