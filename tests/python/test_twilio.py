"""Sending: the whole loop with a Twilio of one's own, and transports of the host's."""

from __future__ import annotations

import copy
import json
import pickle
import signal
import threading
import time
from collections.abc import Callable
from datetime import datetime, timezone
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, cast

import pytest

import leadkit
from leadkit import testing

NOW = "2026-03-02T09:00:00Z"
ADA = "+493023125014"
HOOK = "https://leads.example/twilio?tenant=a"


@pytest.fixture
def db() -> testing.TestingDatabase:
    """A database that sends, on a Monday morning, and a lead who agreed."""
    db = testing.open(":memory:", now=NOW, seed=1)
    db.settings.set(sending=True, public_url=HOOK)
    lead = db.leads.add(email="ada@lovelace.org", phone=ADA)
    db.consent.record("grant", "web form", lead=lead.id, wording="Yes, text me offers")
    return db


class Paper:
    """Takes everything and sends nothing."""

    def __init__(self, account: str = "P", **methods: Callable[..., Any]) -> None:
        self.account = account
        self.took: list[leadkit.SmsRequest] = []
        for name, method in methods.items():
            setattr(self, name, method)

    def capabilities(self) -> leadkit.Capabilities:
        return {"provider": "paper", "account": self.account, "sms": True}

    def send_sms(self, request: leadkit.SmsRequest) -> leadkit.Outcome:
        self.took.append(request)
        return {"outcome": "accepted", "sid": f"P{len(self.took)}", "status": "sent"}


def test_queued_handed_over_delivered_and_stop_ends_it(db: testing.TestingDatabase) -> None:
    fake = testing.FakeTwilio(db)
    twilio = fake.twilio()
    message = db.comms.queue_sms(1, body="Offers!")
    report = db.comms.dispatch(twilio)
    assert (report.sending, report.sent, report.refused) == (True, 1, 0)
    assert fake.accepted(ADA, "Offers!") == 1
    assert fake.messages()[0]["from"] == fake.number
    db.advance(60)
    assert fake.now == db.now == datetime(2026, 3, 2, 9, 1, tzinfo=timezone.utc)
    states = []
    for request in fake.callbacks():
        assert leadkit.verify_twilio_request(fake.auth_token, request)
        states.append(db.comms.receive(twilio, request).messages[0].state)
        assert db.comms.receive(twilio, request).repeated
    assert states == ["accepted", "delivered"]
    assert db.comms.get(message.id).status == "delivered"

    stop = fake.inbound(ADA, fake.number, "Stop, please", HOOK)
    received = db.comms.receive(twilio, stop)
    assert (received.messages[0].lead, received.messages[0].body) == (1, "Stop, please")
    assert [entry.kind for entry in received.consent] == ["withdrawal"]
    refused = db.comms.queue_sms(1, body="More offers!")
    assert db.comms.dispatch(twilio).refusals == {"opted_out": 1}
    refusal = db.comms.get(refused.id).refusal
    assert refusal is not None and refusal.code == "opted_out"
    assert fake.accepted(ADA, "More offers!") == 0


def test_requests_as_servers_have_them_and_a_wrong_signature(db: testing.TestingDatabase) -> None:
    fake = testing.FakeTwilio(db)
    twilio = fake.twilio()
    request = fake.inbound(ADA, fake.number, "Hällo", HOOK)
    headers, body = dict(cast(Any, request["headers"])), cast(bytes, request["body"])
    assert isinstance(body, bytes)
    asgi = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    for form in (
        {**request, "body": bytearray(body)},
        {**request, "body": body.decode()},
        {**request, "headers": list(headers.items())},
        {**request, "headers": asgi},
        {**request, "headers": {**headers, "cookie": None, "via": ["a", "b"]}},
    ):
        assert leadkit.verify_twilio_request(fake.auth_token, cast(Any, form))
    for form in (
        {**request, "url": "https://leads.example/twilio?tenant=b"},
        {**request, "body": body + b"&x=1"},
        {**request, "headers": {}},
        {**request, "headers": asgi + asgi},
    ):
        assert not leadkit.verify_twilio_request(fake.auth_token, cast(Any, form))
        with pytest.raises(leadkit.PermissionDenied, match="not signed"):
            db.comms.receive(twilio, cast(Any, form))
    assert not leadkit.verify_twilio_request("", request)
    other = testing.FakeTwilio(db, account_sid="AC" + "1" * 32)
    with pytest.raises(leadkit.PermissionDenied, match="another account"):
        db.comms.receive(twilio, other.inbound(ADA, fake.number, "Hi", HOOK))
    with pytest.raises(leadkit.InvalidInput, match="is a Twilio"):
        db.comms.receive(cast(Any, Paper()), request)
    with pytest.raises(leadkit.InvalidInput) as caught:
        leadkit.verify_twilio_request("x", cast(Any, {"methd": "POST"}))
    assert caught.value.code == "unknown_option"
    assert not db.comms.list()


def test_secrets_are_shown_nowhere() -> None:
    sid, key = "AC" + "0" * 32, "SK" + "1" * 32
    secrets: dict[str, Any] = {
        "auth_token": "t0ken-in-the-clear",
        "api_key": key,
        "api_secret": "s3cret-in-the-clear",
    }
    twilio = leadkit.Twilio(account_sid=sid, public_url="https://leads.example", **secrets)
    assert (twilio.account_sid, twilio.public_url) == (sid, "https://leads.example")
    shown = [repr(twilio), str(twilio), repr(twilio.capabilities()), str(dir(twilio))]
    for copied in (pickle.dumps, copy.copy, copy.deepcopy, json.dumps):
        with pytest.raises(TypeError) as caught:
            cast(Any, copied)(twilio)
        shown.append(str(caught.value))
    wrong: list[dict[str, Any]] = [
        {"account_sid": "AC1", **secrets},
        {"account_sid": sid, **secrets, "sender": "MG1"},
        {"account_sid": sid, **secrets, "api_key": None},
        {"account_sid": sid, "auth_token": [secrets["auth_token"]]},
        {"account_sid": sid, **secrets, "auth_tokn": 1},
    ]
    for options in wrong:
        with pytest.raises(leadkit.InvalidInput) as refused:
            leadkit.Twilio(**options)
        shown += [str(refused.value), repr(vars(refused.value)), repr(refused.value)]
    assert not any("in-the-clear" in text for text in shown)


def test_twilio_by_itself() -> None:
    fake = testing.FakeTwilio(now=NOW)
    config = fake.config()
    config["concurrency"] = 2
    twilio = leadkit.Twilio(**config)
    sent = twilio.send_sms({"to": ADA, "body": "Hello"})
    assert sent["outcome"] == "accepted" and sent["from"] == fake.number
    many = twilio.send_many([{"to": ADA, "body": "one"}, {"to": "+15005550001", "body": "two"}])
    assert [outcome["outcome"] for outcome in many] == ["accepted", "refused"]
    refused = many[1]
    assert refused["outcome"] == "refused" and refused["class"] == "invalid_recipient" and refused["suppress"]
    call = twilio.start_call({"to": ADA, "twiml": "<Response/>"})
    assert call["outcome"] == "accepted"
    fake.advance(60)
    message = twilio.fetch_message(sent["sid"])
    assert message["status"] == "delivered" and str(message["created_at"]) == "2026-03-02 09:00:00+00:00"
    assert message["price"] == leadkit.Money("0.0079", "USD")
    assert twilio.fetch_call(call["sid"])["duration"] == 12
    page = twilio.list_messages({"to": ADA, "page_size": 1})
    assert len(page) == 1
    assert len(twilio.list_messages({"cursor": page.next_cursor})) == 1
    assert twilio.cancel(sent["sid"]) == {"cancellation": "too_late", "status": "delivered"}
    assert twilio.hang_up(call["sid"])["cancellation"] == "too_late"
    assert twilio.redact_message(sent["sid"])["body"] == ""
    twilio.delete_message(sent["sid"])
    twilio.delete_call(call["sid"])
    with pytest.raises(leadkit.NotFound):
        twilio.fetch_message(sent["sid"])
    with pytest.raises(leadkit.InvalidInput) as caught:
        twilio.fetch_message("SM1")
    assert caught.value.field == "sid"
    with pytest.raises(leadkit.InvalidInput, match="did you mean `body`"):
        twilio.send_sms(cast(Any, {"to": ADA, "boddy": "Hello"}))


def test_a_lost_answer_is_found_out_about_and_nothing_is_sent_twice(db: testing.TestingDatabase) -> None:
    fake = testing.FakeTwilio(db)
    twilio = fake.twilio()
    fake.fault({"fault": "dropped", "accepted": True})
    once = db.comms.queue_sms(1, body="Once")
    assert db.comms.dispatch(twilio).unknown == 1
    assert db.comms.dispatch(twilio).sent == 0
    assert db.comms.reconcile(twilio).found == 1
    assert (db.comms.get(once.id).refusal, fake.accepted(ADA, "Once")) == (None, 1)
    fake.fault({"fault": "too_many_requests", "retry_after": 90})
    later = db.comms.queue_sms(1, body="Later")
    assert db.comms.dispatch(twilio).retry == 1
    fake.fate(ADA, {"fate": "undelivered", "code": 30003})
    db.advance(600)
    assert db.comms.dispatch(twilio, limit=1, batch=1).sent == 1
    db.advance(60)
    for request in fake.callbacks():
        db.comms.receive(twilio, request)
    failed = db.comms.get(later.id)
    assert failed.state == "failed" and failed.refusal is not None and failed.refusal.provider_code == 30003
    assert fake.accepted_all() == [(ADA, "Later", 1), (ADA, "Once", 1)]
    with pytest.raises(leadkit.InvalidInput):
        fake.fault(cast(Any, {"fault": "dropd"}))


def test_the_fake_posts_to_a_server(db: testing.TestingDatabase) -> None:
    fake = testing.FakeTwilio(db)
    twilio = fake.twilio()

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            url = f"http://127.0.0.1:{server.server_port}{self.path}"
            try:
                db.comms.receive(
                    twilio, {"method": "POST", "url": url, "headers": self.headers.items(), "body": body}
                )
                self.send_response(204)
            except leadkit.PermissionDenied:
                self.send_response(403)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    db.settings.set(public_url=f"http://127.0.0.1:{server.server_port}/status")
    message = db.comms.queue_sms(1, body="Hello")
    db.comms.dispatch(twilio)
    db.advance(60)
    assert fake.next_callback() is not None
    assert fake.deliver() == [204, 204]
    assert db.comms.get(message.id).state == "delivered"
    assert fake.next_callback() is None
    assert [request["method"] for request in fake.requests()] == ["POST"]
    server.shutdown()
    server.server_close()


def test_a_transport_of_ones_own(db: testing.TestingDatabase) -> None:
    threads = []

    def send_sms(request: leadkit.SmsRequest) -> leadkit.Outcome:
        threads.append(threading.current_thread())
        # The database may be used in between.
        assert [message.state for message in db.comms.list()] == ["sending"]
        assert (request["to"], request["body"], request["validity_period"]) == (ADA, "Hello", 36_000)
        price = cast(Any, {"amount": "0.05", "currency": "EUR"})
        return {"outcome": "accepted", "sid": "P1", "status": "sent", "price": price, "segments": 1}

    message = db.comms.queue_sms(1, body="Hello")
    assert db.comms.dispatch(Paper(send_sms=send_sms)).sent == 1
    assert threads == [threading.current_thread()]
    message = db.comms.get(message.id)
    assert message.price is not None
    assert (message.provider_id, Decimal(message.price.amount)) == ("P1", Decimal("0.05"))
    assert db.settings.get().account == "paper P "
    received = db.comms.receive_event(
        {"event": "message_status", "account_sid": "P", "sid": "P1", "status": "delivered"}
    )
    assert received.messages[0].state == "delivered"
    with pytest.raises(leadkit.InvalidInput):
        db.comms.receive_event(cast(Any, {"event": "x"}))

    for body in ("one", "two", "three"):
        db.comms.queue_sms(1, body=body)
    calls = []

    def send_many(requests: list[leadkit.SmsRequest]) -> list[leadkit.Outcome]:
        calls.append([request["body"] for request in requests])
        return [{"outcome": "accepted", "sid": "P2", "status": "sent"}, {"outcome": "retry", "after": 60}]

    many = Paper(send_many=send_many)
    report = db.comms.dispatch(many)
    assert calls == [["one", "two", "three"]]
    assert (report.sent, report.retry, report.unknown) == (1, 1, 1)
    with pytest.raises(leadkit.InvalidInput) as caught:
        db.comms.reconcile(many)
    assert caught.value.code == "unsupported"


class Boom(Exception):
    pass


class Odd:
    def __getattr__(self, name: str) -> Any:
        raise Boom("s3cret")


def throws(error: BaseException) -> Callable[[Any], Any]:
    def method(_: Any = None) -> Any:
        raise error

    return method


@pytest.mark.parametrize(
    "send_sms",
    [
        throws(Boom("s3cret")),
        throws(leadkit.Unreachable("s3cret", code="unreachable")),
        lambda _: None,
        lambda _: "s3cret",
        lambda _: {"outcome": "accepted"},
        lambda _: {"outcome": "s3cret"},
        lambda _: {"outcome": "refused", "class": "s3cret", "message": ""},
        lambda _: Odd(),
        lambda _: object(),
    ],
)
def test_what_has_no_clear_answer_is_unknown(db: testing.TestingDatabase, send_sms: Callable[..., Any]) -> None:
    message = db.comms.queue_sms(1, body="Hello")
    report = db.comms.dispatch(Paper(send_sms=send_sms))
    assert (report.unknown, report.sent) == (1, 0)
    message = db.comms.get(message.id)
    assert message.state == "unknown" and message.refusal is not None
    assert "s3cret" not in str(message.to_dict())
    if message.refusal.message.startswith("the transport raised"):
        assert message.refusal.message.split()[-1] in ("Boom", "Unreachable")
    assert db.comms.dispatch(Paper()).sent == 0, "never handed over again"


def test_questions_that_fail_are_errors(db: testing.TestingDatabase) -> None:
    for wrong in (None, 1, "twilio", object(), {"send_sms": print}):
        with pytest.raises(leadkit.InvalidInput) as caught:
            db.comms.dispatch(cast(Any, wrong))
        assert (caught.value.code, caught.value.field) == ("invalid_argument", "transport")
    with pytest.raises(leadkit.InvalidInput) as caught:
        db.comms.dispatch(Paper(capabilities=lambda: throws(Boom("s3cret"))(None)))
    assert caught.value.code == "provider_refused" and "Boom" in str(caught.value)
    assert "s3cret" not in repr(vars(caught.value))
    db.comms.queue_sms(1, body="Hello")
    db.comms.dispatch(Paper(send_sms=lambda _: None))
    with pytest.raises(leadkit.InvalidInput, match="list_messages.*Boom"):
        db.comms.reconcile(Paper(list_messages=throws(Boom("s3cret"))))
    with pytest.raises(leadkit.InvalidInput, match="cannot be read"):
        db.comms.reconcile(Paper(list_messages=lambda _: {"items": [{"sid": 1}]}))
    # An error of leadkit's keeps its code: a wrapper around Twilio may raise them.
    away = leadkit.Twilio(account_sid="AC" + "0" * 32, auth_token="x", base_url="http://127.0.0.1:9")
    assert db.comms.reconcile(Paper(list_messages=away.list_messages)).unknown == 1
    with pytest.raises(leadkit.Conflict):
        db.comms.dispatch(Paper(account="another"))
    db.advance(120)
    found = {"sid": "P9", "account_sid": "P", "status": "sent", "direction": "outbound", "to": ADA, "body": "Hello"}
    page = leadkit.Page([found], None)
    assert db.comms.reconcile(Paper(list_messages=lambda _: page)).found == 1


def test_an_interrupt_ends_the_call_and_leaves_the_others_unsent(db: testing.TestingDatabase) -> None:
    for body in ("one", "two", "three"):
        db.comms.queue_sms(1, body=body)
    with pytest.raises(KeyboardInterrupt):
        db.comms.dispatch(Paper(send_sms=throws(KeyboardInterrupt())), batch=2)
    states = [(message.state, message.attempts) for message in db.comms.list()]
    assert states == [("queued", 0), ("queued", 1), ("unknown", 1)]


def test_ctrl_c_and_a_token_stop_a_dispatch(db: testing.TestingDatabase) -> None:
    for number in range(4):
        db.comms.queue_sms(1, body=f"number {number}")
    token = leadkit.CancelToken()

    def send_sms(request: leadkit.SmsRequest) -> leadkit.Outcome:
        token.cancel()
        time.sleep(0.12)
        return {"outcome": "accepted", "sid": f"P{request['body']}", "status": "sent"}

    assert db.comms.dispatch(Paper(send_sms=send_sms), cancel=token, batch=1).sent == 1
    assert [message.state for message in db.comms.list()] == ["queued"] * 3 + ["accepted"]
    for transport in (Paper(), testing.FakeTwilio(db).twilio()):
        db.settings.set(account="")
        report = db.comms.dispatch(transport, cancel=token)
        assert (report.sending, report.sent, report.retry) == (True, 0, 0)
    db.settings.set(account="")

    def interrupted(request: leadkit.SmsRequest) -> leadkit.Outcome:
        signal.raise_signal(signal.SIGINT)
        return {"outcome": "accepted", "sid": "P9", "status": "sent"}

    db.advance(600)
    # Whoever runs the tests in the background may have had it ignored.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            db.comms.dispatch(Paper(send_sms=interrupted), batch=1)
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_database_that_is_closed_in_the_midst_holds_nothing_up(db: testing.TestingDatabase) -> None:
    def closing(request: leadkit.SmsRequest) -> leadkit.Outcome:
        db.close()
        return {"outcome": "accepted", "sid": "P1", "status": "sent"}

    db.comms.queue_sms(1, body="Hello")
    with pytest.raises(leadkit.Closed):
        db.comms.dispatch(Paper(send_sms=closing))


def test_a_thread_waits_for_no_other(db: testing.TestingDatabase) -> None:
    """The interpreter is free while Twilio is waited for."""
    fake = testing.FakeTwilio(db)
    fake.fault({"fault": "slow", "millis": 300})
    db.comms.queue_sms(1, body="Hello")
    turns = 0
    done = threading.Event()

    def count() -> None:
        nonlocal turns
        while not done.is_set():
            turns += 1
            time.sleep(0.001)

    thread = threading.Thread(target=count)
    thread.start()
    assert db.comms.dispatch(fake.twilio()).sent == 1
    done.set()
    thread.join()
    assert turns > 10


def test_legal_hours_and_what_replies_mean() -> None:
    hours = leadkit.LegalHours()
    late = hours.decide("2026-07-01T00:30:00Z", phone="+13055550123")
    assert (late.allowed, late.refusal) == (False, "outside_hours")
    assert late.next_legal == datetime(2026, 7, 1, 12, tzinfo=timezone.utc)
    assert late.places == [{"country": "US", "state": "FL", "from": "number"}]
    assert any(rule.id == "us-fl" and not rule.allows for rule in late.rules)
    instant = datetime(2026, 7, 1, 12, 30, tzinfo=timezone.utc)
    quiet = hours.decide(
        instant,
        purpose="informational",
        time_zone="Europe/Berlin",
        quiet_hours={"from": "14:00", "until": "9:00"},
    )
    assert not quiet.allowed
    rule: leadkit.Rule = {
        "id": "us-fl",
        "country": "US",
        "state": "FL",
        "hours": {"mon-fri": "10:00-18:00"},
        "source": "counsel",
        "effective_from": "2026-01-01",
    }
    ours = leadkit.LegalHours(version="ours", rules=[rule], without=["us-wy"])
    assert not ours.decide("2026-07-01T13:30:00Z", phone="+13055550123").allowed
    assert ours.decide(instant).table.endswith(" + ours")
    assert "us-wy" in [rule["id"] for rule in hours.table()["rules"]]
    assert "us-wy" not in [rule["id"] for rule in ours.table()["rules"]]
    with pytest.raises(leadkit.InvalidInput, match="us-fl"):
        leadkit.LegalHours(without=["us-fi"])
    with pytest.raises(leadkit.InvalidInput):
        hours.decide("yesterday")
    texts = ["Stop!", "START", "please take me off your list", "ok"]
    assert [leadkit.classify_reply(text) for text in texts] == ["opt_out", "opt_in", "maybe_opt_out", "other"]
    with pytest.raises(leadkit.InvalidInput):
        leadkit.classify_reply(cast(Any, None))
