"""A client that nobody here wrote uses a simulator: pytruenas, from PyPI.

    python pytruenas_peer.py wss://127.0.0.1:8443/api/current CERTIFICATE USER PASSWORD API_KEY
"""

import sys

from pytruenas import TrueNASClient

url, certificate, user, password, api_key = sys.argv[1:]


def client(credentials):
    return TrueNASClient(url, credentials=credentials, verify=certificate)


nas = client((user, password))
assert nas.api.core.ping() == "pong"
assert nas.api.auth.me()["pw_name"] == user
print("logs in with a password")

assert client(api_key).api.auth.me()["pw_name"] == user
print("logs in with an API key")

events = nas.api.cronjob.query.subscribe()
entry = nas.api.cronjob.create({"user": "root", "command": "true", "description": "peer"})
found = nas.api.cronjob.query(
    [["description", "=", "peer"], ["enabled", "=", True]], {"select": ["id", ["command", "cmd"]]}
)
assert found == [{"id": entry["id"], "cmd": "true"}], found
print("queries with filters")

event = next(iter(events.events(timeout=10)))
assert event.collection == "cronjob.query" and event.id == entry["id"], event
events.unsubscribe()
print("hears of an event")

nas.api.pool.scrub.scrub(nas.api.pool.query()[0]["name"], job=True)
assert nas.api.core.bulk("core.ping", [[]], job=True)[0]["result"] == "pong"
print("runs jobs to their end")

content = bytes(range(256)) * 500
nas.upload(content, "filesystem.put", "/mnt/tank/peer", {})
print("uploads, and waits for the job")

assert nas.download("filesystem.get", "/mnt/tank/peer") == content
assert len(nas.download("config.save", {}, buffered=True)) > 0
print("downloads")
