"""Everybody's requests, from the side of the wire on which they are made: a list of scenes in, one line of JSON out.

All triggers of a round are sent at once, over connections that are open already. Beside them one organization whose
endpoint is well goes on with its work, one request after the other.
"""

import asyncio
import json
import sys

from wire import Wire, together


async def work(address, token, until):
    """What an organization does on an ordinary day, until it is told to stop: how long each took, and what failed."""
    wire, took, failed, n = Wire(address, token), {"trigger": [], "read": [], "write": []}, [], 0
    while not until.is_set():
        n += 1
        for what, (method, path, body) in {
            "trigger": ("POST", "/just-in-time/trigger", {"debt_account_external_id": f"G-{n % 50}"}),
            "read": ("GET", "/debt-accounts?limit=10", None),
            "write": ("POST", "/customers", {"name": f"Debtor {n}"}),
        }.items():
            status, seconds, answer = await wire.ask(method, path, body)
            took[what].append(seconds)
            if status not in (200, 201):
                failed.append(f"{what}: {status} {answer[:120].decode(errors='replace')}")
        await asyncio.sleep(0.02)
    return took, failed


async def main():
    asked = json.loads(sys.stdin.readline())
    address, tokens, good = asked["address"], asked["tokens"], asked["good"]
    wires = [Wire(address, token) for token in tokens]
    if asked["make"]:
        async def make(wire, n):
            done = await wire.ask("POST", "/customers", {"name": "Grace Hopper", "external_id": "C-0"})
            account = {"customer_id": "C-0", "balance": 5000, "external_id": "D"}
            return done[0], (await wire.ask("POST", "/debt-accounts", account))[0]
        made = await together(make(wire, n) for n, wire in enumerate(wires))
        assert all(one == (201, 201) for one in made), made[:3]
        status, _, said = await Wire(address, good).ask("POST", "/just-in-time", {"url": "http://good-0.test:8000/in"})
        assert status == 201, said
    # The endpoints of this scene, each in the place of the one before, which also forgets what that one did.
    registered = await together(wire.ask("POST", "/just-in-time", {"url": url}) for wire, url in zip(wires, asked["urls"]))
    assert all(one[0] == 201 for one in registered), [one for one in registered if one[0] != 201][:3]
    print("ready", flush=True)
    sys.stdin.readline()
    told = {"took": [], "status": [], "good": {}}
    for when, fire in (("quiet", False), ("under fire", True)):
        stop = asyncio.Event()
        beside = asyncio.create_task(work(address, good, stop))
        if fire:
            crowd = [Wire(address, tokens[0]) for _ in range(asked["crowd"])]
            asking = [(wire, "D") for wire in wires] if not crowd else [(wire, f"D-{n}") for n, wire in enumerate(crowd)]
            for _ in range(asked["rounds"]):
                # Anew: who was answered early has been silent for longer than a connection may be.
                for wire, _ in asking:
                    wire.close()
                    await wire.open()
                done = await asyncio.gather(
                    *(wire.ask("POST", "/just-in-time/trigger", {"debt_account_external_id": account}) for wire, account in asking))
                told["took"] += [seconds for _, seconds, _ in done]
                told["status"] += [status for status, _, _ in done]
        else:
            await asyncio.sleep(asked["quiet"])
        stop.set()
        took, failed = await beside
        told["good"][when] = {"took": took, "failed": failed}
    print(json.dumps(told), flush=True)


asyncio.run(main())
