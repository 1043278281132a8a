"""What a message costs with leadkit from Python, outbox and all; beside the Rust program `sending`."""

import json
import resource
import sys
import time

import leadkit
from leadkit import testing

url, count, folder = sys.argv[1], int(sys.argv[2]), sys.argv[3]
db = testing.open(f"{folder}/leadkit.db", now="2026-03-02T15:00:00Z", seed=1)
rows = [f"{n},Ada,+1212736{1_000 + n % 9_000:04}" for n in range(count)]
db.import_leads("\n".join(["external_id,first_name,phone", *rows]).encode())
for lead in range(1, count + 1):
    db.consent.record("grant", "web form", lead=lead, wording="Yes, text me")
db.settings.set(sending=True)
db.templates.save("spring", "Hi {{ lead.first_name }}, it is spring. Reply STOP to opt out")
twilio = leadkit.Twilio(
    account_sid="AC" + "f" * 32, auth_token="the fake's auth token", sender="+15005550006", base_url=url
)


def cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


began, before = time.perf_counter(), cpu()
plan = db.comms.plan_sms({}, template="spring")
db.bulk.run(plan)
report = db.comms.dispatch(twilio)
cost = {"cpu": cpu() - before, "wall": time.perf_counter() - began}
print(json.dumps({"cost": cost, "sent": report.sent}))
