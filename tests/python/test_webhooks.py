"""The server of ``examples/python/webhooks_fastapi.py`` behind a proxy that ends TLS and misleads."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import os
import re
import socket
import ssl
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast

import pytest
import trustme

import leadkit
from leadkit import testing

EXAMPLE = Path(__file__).parents[2] / "examples" / "python" / "webhooks_fastapi.py"
NOW = "2026-03-02T09:00:00Z"
ADA = "+493023125014"
PUBLIC = "https://leads.example"
HOOK = f"{PUBLIC}/twilio?tenant=a%20b"
EMPTY = b'<?xml version="1.0" encoding="UTF-8"?><Response></Response>'
# What the proxy tells of itself, and Twilio never heard of.
MISLEADING = {"Host": "inside.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http"}


@dataclass
class Scene:
    """A database that sends, its Twilio, and the way from there to the server."""

    db: testing.TestingDatabase
    fake: testing.FakeTwilio
    server: int
    proxy: int
    trust: ssl.SSLContext

    def post(self, request: leadkit.WebhookRequest) -> tuple[int, bytes]:
        """Sends a request to the public host, whatever URL it was signed for; the path is that URL's."""
        connection = Outside("leads.example", self.proxy, context=self.trust, timeout=60)
        path = "/" + request["url"].split("/", 3)[3]
        connection.request(request["method"], path, body_of(request), dict(cast(Any, request["headers"])))
        answer = connection.getresponse()
        result = answer.status, answer.read()
        connection.close()
        return result


def body_of(request: leadkit.WebhookRequest) -> bytes:
    return cast(bytes, request["body"])


class Outside(http.client.HTTPSConnection):
    """Finds every name at the proxy, as public DNS would; the certificate must be for the name."""

    def connect(self) -> None:
        plain = socket.create_connection(("127.0.0.1", self.port), self.timeout)
        context: ssl.SSLContext = self._context  # type: ignore[attr-defined]
        self.sock = context.wrap_socket(plain, server_hostname=self.host)


def proxy(server: int, certificate: trustme.LeafCert) -> ThreadingHTTPServer:
    """Ends TLS, and hands on in plain HTTP what it got, with misleading headers."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            kept = {name: value for name, value in self.headers.items() if name not in MISLEADING}
            inside = http.client.HTTPConnection("127.0.0.1", server, timeout=60)
            inside.request(self.command, self.path, body, {**kept, **MISLEADING})
            answer = inside.getresponse()
            content = answer.read()
            inside.close()
            self.send_response(answer.status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            pass

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listening.socket = context.wrap_socket(listening.socket, server_side=True)
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    return listening


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    database = tmp_path_factory.mktemp("webhooks") / "leads.db"
    db = testing.open(database, now=NOW, seed=1)
    fake = testing.FakeTwilio(db)
    db.settings.set(sending=True, public_url=HOOK)
    db.leads.add(email="ada@lovelace.org", phone=ADA)
    db.consent.record("grant", "web form", lead=1, wording="Yes, text me offers")
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(sys.path),
        "PUBLIC_URL": PUBLIC + "/",
        "TWILIO_ACCOUNT_SID": fake.account_sid,
        "TWILIO_AUTH_TOKEN": fake.auth_token,
        "HELP_TEXT": "Offers of A & B. STOP ends them.",
    }
    process = subprocess.Popen(
        [sys.executable, str(EXAMPLE), str(database), "0"], stderr=subprocess.PIPE, text=True, env=environment
    )
    assert process.stderr is not None
    lines: list[str] = []
    port = None
    for line in process.stderr:
        lines.append(line)
        port = re.search(r"running on http://127\.0\.0\.1:(\d+)", line)
        if port is not None:
            break
    assert port is not None, lines
    # What it says further must not fill the pipe.
    rest = threading.Thread(target=process.stderr.read, daemon=True)
    rest.start()
    authority = trustme.CA()
    between = proxy(int(port[1]), authority.issue_cert("leads.example"))
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    try:
        yield Scene(db, fake, int(port[1]), between.server_address[1], trust)
    finally:
        between.shutdown()
        between.server_close()
        process.terminate()
        process.wait(timeout=60)
        rest.join(timeout=60)
        process.stderr.close()
        db.close()


def test_delivered_through_the_proxy_and_seen_within_a_second(scene: Scene) -> None:
    db, fake = scene.db, scene.fake
    ids = [db.comms.queue_sms(1, body=f"Offer {n}").id for n in range(5)]
    assert db.comms.dispatch(fake.twilio()).sent == 5
    db.advance(60)
    callbacks = fake.callbacks()
    assert len(callbacks) == 10 and all(callback["url"].startswith(HOOK + "&") for callback in callbacks)
    took = []
    for callback in callbacks:
        before = len(db.comms.list(state="delivered").items)
        began = time.monotonic()
        assert scene.post(callback) == (200, EMPTY)
        # The server has written; we, another process, read.
        after = len(db.comms.list(state="delivered").items)
        took.append(time.monotonic() - began)
        assert after - before == (b"MessageStatus=delivered" in body_of(callback))
    assert [db.comms.get(id).state for id in ids] == ["delivered"] * 5
    assert statistics.median(took) < 1


def test_a_changed_body_and_other_urls_are_refused(scene: Scene) -> None:
    db, fake = scene.db, scene.fake
    before = len(db.comms.list().items)
    genuine = fake.inbound(ADA, fake.number, "Hello", HOOK)
    changed: leadkit.WebhookRequest = {**genuine, "body": body_of(genuine).replace(b"Hello", b"STOP")}
    assert scene.post(changed)[0] == 403
    assert scene.post({**genuine, "url": f"{PUBLIC}/twilio?tenant=c"})[0] == 403
    # Signed for what the server sees, or for what the proxy says that was asked for.
    for origin in (f"http://127.0.0.1:{scene.server}", "http://inside.example", "http://evil.example"):
        assert scene.post(fake.inbound(ADA, fake.number, "STOP", HOOK.replace(PUBLIC, origin)))[0] == 403
    assert len(db.comms.list().items) == before
    assert [entry.kind for entry in db.consent.history(lead=1)] == ["grant"]
    assert scene.post(genuine) == (200, EMPTY)


def test_what_is_no_webhook(scene: Scene) -> None:
    form = {"AccountSid": scene.fake.account_sid, "CallSid": "CA1"}
    signed = HOOK + "".join(name + value for name, value in sorted(form.items()))
    digest = hmac.new(scene.fake.auth_token.encode(), signed.encode(), hashlib.sha1).digest()
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Twilio-Signature": base64.b64encode(digest).decode(),
    }
    body = "&".join(f"{name}={value}" for name, value in form.items()).encode()
    assert scene.post({"method": "POST", "url": HOOK, "headers": headers, "body": body})[0] == 400


def test_calls_help_and_stop(scene: Scene) -> None:
    db, fake = scene.db, scene.fake
    assert scene.post(fake.inbound_call(ADA, fake.number, HOOK)) == (200, EMPTY)
    assert db.comms.list().items[0].channel == "voice"
    help = scene.post(fake.inbound(ADA, fake.number, "Help", HOOK))
    assert help == (200, EMPTY.replace(b"</", b"<Message>Offers of A &amp; B. STOP ends them.</Message></"))
    assert scene.post(fake.inbound(ADA, fake.number, "Stop, please", HOOK)) == (200, EMPTY)
    refused = db.comms.queue_sms(1, body="One more?")
    assert db.comms.dispatch(fake.twilio()).refusals == {"opted_out": 1}
    assert db.comms.get(refused.id).state == "refused"
    assert fake.accepted(ADA, "One more?") == 0
