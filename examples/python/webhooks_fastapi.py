"""Twilio's webhooks in a server of one's own, behind a proxy that ends TLS: what becomes of messages,
and the messages and calls that come in.

    PUBLIC_URL=https://leads.example TWILIO_ACCOUNT_SID=AC... TWILIO_AUTH_TOKEN=... \\
        python examples/python/webhooks_fastapi.py leads.db 8000

Twilio signs the URL that it was given. Behind a proxy a server sees another one, and anybody can
write ``Host`` and ``X-Forwarded-*``: so the URL is ``PUBLIC_URL`` with the request's path and query.
"""

from __future__ import annotations

import os
import sys
from xml.sax.saxutils import escape

import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool

import leadkit


def create_app(db: leadkit.Database, twilio: leadkit.Twilio, public_url: str, help_text: str | None) -> FastAPI:
    """``help_text`` answers HELP, where Twilio's own answer is switched off."""
    app = FastAPI()

    @app.api_route("/twilio", methods=["GET", "POST"])
    async def webhook(http: Request) -> Response:
        path, query = http.scope["raw_path"].decode("latin-1"), http.scope["query_string"].decode("latin-1")
        request: leadkit.WebhookRequest = {
            "method": http.method,
            "url": public_url + path + ("?" + query if query else ""),
            "headers": http.headers.raw,
            # The bytes as they came: a form that was read and written again may differ.
            "body": await http.body(),
        }
        try:
            # The database waits for the disk, and the event loop must not.
            received = await run_in_threadpool(db.comms.receive, twilio, request)
        except leadkit.PermissionDenied:
            return Response(status_code=403)
        except leadkit.InvalidInput:
            return Response(status_code=400)
        return Response(answer(received, help_text), media_type="text/xml")

    return app


def answer(received: leadkit.Received, help_text: str | None) -> str:
    """What Twilio is to do now: nothing, which also hangs up a call that comes in. STOP and START it
    answers by itself."""
    asks = any(
        message.direction == "inbound" and leadkit.classify_reply(message.body) == "help"
        for message in received.messages
    )
    verbs = f"<Message>{escape(help_text)}</Message>" if asks and help_text else ""
    return f'<?xml version="1.0" encoding="UTF-8"?><Response>{verbs}</Response>'


def main() -> None:
    database, port = (sys.argv[1:] + ["leads.db", "8000"][len(sys.argv) - 1 :])[:2]
    twilio = leadkit.Twilio(
        account_sid=os.environ["TWILIO_ACCOUNT_SID"], auth_token=os.environ["TWILIO_AUTH_TOKEN"]
    )
    public_url = os.environ["PUBLIC_URL"].rstrip("/")
    with leadkit.open(database) as db:
        uvicorn.run(create_app(db, twilio, public_url, os.environ.get("HELP_TEXT")), port=int(port))


if __name__ == "__main__":
    main()
