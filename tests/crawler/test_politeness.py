"""Spacing, held against a simulated host with a clock that moves when told."""

import math
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.scheduling.politeness import Politeness, Spacing, parse_retry_after

HOST = "news.example"
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


class Simulation:
    """One host behind a network: a request reaches it ``there`` seconds after it starts."""

    def __init__(self, spacing: Spacing) -> None:
        self.time = 1000.0
        self.politeness = Politeness(spacing, lambda: self.time, lambda: NOW)
        self.received: list[float] = []

    def wait(self) -> bool:
        """Let the time pass until the host is due; False if it never is."""
        due = self.politeness.next_due(HOST)
        self.time = max(self.time, due) if due < math.inf else self.time
        return due < math.inf

    def request(
        self,
        status: int | None = 200,
        retry_after: str | None = None,
        *,
        there: float = 0.0,
        thinking: float = 0.0,
        rest: float = 0.0,
    ) -> None:
        """One exchange from start to end; ``status`` None: the connection ends without a byte."""
        self.politeness.started(HOST)
        self.received.append(self.time + there)
        first_byte = self.time + there + thinking
        self.time = first_byte + rest
        if status is None:
            self.politeness.failed(HOST, "emptyResponse")
        else:
            self.politeness.finished(HOST, first_byte, self.time, status, retry_after)

    def pause(self) -> float:
        """Seconds from now until the host is due."""
        return self.politeness.next_due(HOST) - self.time


def simulation(**limits: float) -> Simulation:
    return Simulation(Spacing(**limits))  # type: ignore[arg-type]


SHORT = st.floats(0, 3)
EXCHANGE = st.fixed_dictionaries(
    {
        "there": SHORT,
        "thinking": SHORT,
        "rest": SHORT,
        "status": st.sampled_from([200, 200, 200, 404, 429, 503, None]),
    }
)


@given(delay=st.floats(0.01, 5), crawl_delay=st.floats(0, 10), exchanges=st.lists(EXCHANGE, max_size=30))
def test_a_server_never_sees_two_requests_closer_than_the_delay(
    delay: float, crawl_delay: float, exchanges: list[dict[str, float]]
) -> None:
    simulated = simulation(delay=delay)
    simulated.politeness.set_crawl_delay(HOST, crawl_delay)
    for exchange in exchanges:
        if not simulated.wait():
            break
        simulated.request(**exchange)  # type: ignore[arg-type]
    gaps = [b - a for a, b in zip(simulated.received, simulated.received[1:], strict=False)]
    assert min(gaps, default=math.inf) >= max(delay, crawl_delay) - 1e-9


@given(exchanges=st.lists(EXCHANGE, min_size=1, max_size=30), seconds=st.integers(0, 3000))
def test_retry_after_is_waited_for_whatever_came_before(
    exchanges: list[dict[str, float]], seconds: int
) -> None:
    simulated = simulation(failure_limit=10**6, busy_limit=10**6)
    for exchange in exchanges:
        simulated.wait()
        simulated.request(**exchange)  # type: ignore[arg-type]
    simulated.wait()
    simulated.request(503, str(seconds))
    assert simulated.pause() >= seconds - 1e-9


def test_an_unknown_host_is_due_at_once() -> None:
    assert simulation().politeness.next_due(HOST) == -math.inf


def test_one_connection_at_a_time() -> None:
    simulated = simulation()
    simulated.politeness.started(HOST)
    assert simulated.politeness.next_due(HOST) == math.inf


def test_more_connections_are_spaced_by_their_starts() -> None:
    simulated = simulation(connections=2)
    simulated.politeness.started(HOST)
    assert simulated.pause() == 1.0
    simulated.time += 1.0
    simulated.politeness.started(HOST)
    assert simulated.politeness.next_due(HOST) == math.inf


def test_the_delay_counts_from_the_first_byte() -> None:
    simulated = simulation(latency_factor=0)
    simulated.request(thinking=2.0, rest=0.4)
    assert simulated.pause() == pytest.approx(0.6)


def test_a_long_answer_leaves_the_host_due_at_its_end() -> None:
    simulated = simulation()
    simulated.request(rest=30)
    assert simulated.pause() <= 0


def test_without_a_byte_the_delay_counts_from_the_end() -> None:
    simulated = simulation()
    simulated.request(None, thinking=20)
    assert simulated.pause() == 1.0


def test_a_slow_host_is_asked_less_often_up_to_a_limit() -> None:
    simulated = simulation(latency_max=4)
    for _ in range(12):
        simulated.wait()
        simulated.request(thinking=3.0)
    assert simulated.politeness.delay(HOST) == pytest.approx(3.0, rel=0.01)
    for _ in range(12):
        simulated.wait()
        simulated.request(thinking=60.0)
    assert simulated.politeness.delay(HOST) == 4.0
    for _ in range(12):
        simulated.wait()
        simulated.request(thinking=0.0)
    assert simulated.politeness.delay(HOST) == 1.0


@pytest.mark.parametrize(
    ("crawl_delay", "held"), [(None, 1), (0, 1), (0.5, 1), (7, 7), (300, 300), (86_400, 300)], ids=str
)
def test_crawl_delay_is_held_between_floor_and_maximum(crawl_delay: float | None, held: float) -> None:
    simulated = simulation()
    simulated.request()
    simulated.politeness.set_crawl_delay(HOST, crawl_delay)
    assert simulated.pause() == held


def test_a_host_may_have_a_floor_of_its_own() -> None:
    simulated = simulation()
    simulated.politeness.set_delay(HOST, 0.25)
    simulated.request()
    assert simulated.pause() == 0.25


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_host_is_left_alone_longer_each_time_and_then_given_up(status: int) -> None:
    simulated = simulation(backoff_max=15)
    pauses = []
    while simulated.wait():
        simulated.request(status)
        pauses.append(simulated.pause())
    assert pauses == [5, 10, 15, 15, math.inf]
    assert simulated.politeness.given_up(HOST) == f"status {status}"


def test_a_good_answer_ends_the_back_off() -> None:
    simulated = simulation()
    for status in (503, 503, 200, 503):
        simulated.wait()
        simulated.request(status)
    assert simulated.pause() == 5


@pytest.mark.parametrize("status", [301, 429, 503])
def test_retry_after_is_honoured(status: int) -> None:
    simulated = simulation()
    simulated.request(status, "120")
    assert simulated.pause() == 120


def test_retry_after_of_a_good_answer_means_nothing() -> None:
    simulated = simulation()
    simulated.request(200, "120")
    assert simulated.pause() == 1


def test_a_short_retry_after_does_not_undo_the_back_off() -> None:
    simulated = simulation()
    for _ in range(3):
        simulated.wait()
        simulated.request(429, "1")
    assert simulated.pause() == 20


def test_a_retry_after_beyond_the_limit_gives_the_host_up() -> None:
    simulated = simulation()
    simulated.request(503, "86400")
    assert simulated.politeness.given_up(HOST) == "retryAfter"


def test_a_host_that_never_answers_is_given_up_with_the_last_reason() -> None:
    simulated = simulation(failure_limit=3)
    while simulated.wait():
        simulated.request(None)
    assert (len(simulated.received), simulated.politeness.given_up(HOST)) == (3, "emptyResponse")


def test_the_budget_of_a_run() -> None:
    simulated = simulation(budget=3)
    while simulated.wait():
        simulated.request()
    assert (len(simulated.received), simulated.politeness.given_up(HOST)) == (3, "budget")


def test_a_withdrawn_request_spends_nothing() -> None:
    simulated = simulation(budget=2)
    simulated.politeness.started(HOST)
    simulated.politeness.withdrawn(HOST)
    simulated.wait()
    simulated.request()
    assert simulated.wait()


def test_giving_up_is_final_for_the_run() -> None:
    simulated = simulation()
    simulated.politeness.give_up(HOST, "robotsUnreachable")
    assert simulated.politeness.next_due(HOST) == math.inf
    assert simulated.politeness.given_up("other.example") is None


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("Sun, 22 Nov 2026 12:01:00 GMT", 60.0),
        ("Sunday, 22-Nov-26 12:01:00 GMT", 60.0),
        ("Sun Nov 22 12:01:00 2026", 60.0),
        ("Sun, 22 Nov 2026 13:01:00 +0100", 60.0),
        ("Sun, 22 Nov 2026 11:00:00 GMT", 0.0),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("１２", None),
        ("Sun, 99 Nov 2026 12:00:00 GMT", None),
        ("9" * 400, float("9" * 18)),
    ],
)
def test_retry_after_in_both_forms(value: str, seconds: float | None) -> None:
    assert parse_retry_after(value, NOW) == seconds


@given(st.text())
def test_retry_after_never_fails(value: str) -> None:
    seconds = parse_retry_after(value, NOW)
    assert seconds is None or seconds >= 0


@given(st.integers(0, 10**8))
def test_retry_after_reads_every_date_it_is_given(seconds: int) -> None:
    assert parse_retry_after(format_datetime(NOW + timedelta(seconds=seconds), usegmt=True), NOW) == seconds
