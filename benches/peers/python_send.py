"""What a message costs with Twilio's own library for Python: the request, and nothing else."""

import json
import resource
import sys
import time

from twilio.rest import Client

url, count = sys.argv[1], int(sys.argv[2])
client = Client("AC" + "f" * 32, "the fake's auth token")
client.api.base_url = url


def cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


began, before = time.perf_counter(), cpu()
sent = 0
for number in range(count):
    message = client.messages.create(
        to=f"+1212736{1_000 + number % 9_000:04}",
        from_="+15005550006",
        body="Hi Ada, it is spring. Reply STOP to opt out",
    )
    sent += message.sid.startswith("SM")
print(json.dumps({"cost": {"cpu": cpu() - before, "wall": time.perf_counter() - began}, "sent": sent}))
