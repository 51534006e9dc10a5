"""Webhooks: who is told of what; and the stream of all that happened."""

from cases import case, eventually, expect, has, parameters, shape

IS = "webhooks"
#: By the page that shows them.
EVENTS = {
    "D-webhooks": ["customer.create", "customer.update", "customer.delete", "debt-account.create", "debt-account.update", "debt-account.delete",
                   "location.create", "location.update", "location.delete", "charge.created"],
    "D-tickets": ["ticket.create", "ticket.update"],
    "AE": ["payment_plan.created", "payment_plan.updated", "payment_plan.completed", "payment_plan.cancelled", "charge.completed",
           "charge.failed", "transaction.completed"],
    "ours": ["charge.refunded", "charge.returned", "payment-plan.create", "payment-plan.update", "payment_plan.broken",
             "bank_statement.booked", "bank_line.unmatched", "bank_line.matched", "bank_expectation.overdue"],
}


def hook(world):
    return {"url": "https://agency.example/hook", "events": ["customer.create"], "secret": "sixteen characters"}


def where(world):
    """Where webhooks are made. Those of earlier cases are removed first, since a server keeps so many and no more."""
    for row in world.get("/webhooks").is_(200).data:
        if row["url"].startswith("https://agency.example/"):
            world.delete(f"/webhooks/{row['id']}").is_(200)
    return "/webhooks"


def there(world):
    return f"/webhooks/{world.made(where(world), hook(world))['id']}"


FIELDS = [
    ("url", ["https://agency.example/hook?x=1"], "url", ["nowhere", "ftp://agency.example/", ""]),
    ("events", [["customer.create", "charge.created"]], "events", [["pigeon.arrived"], "customer.create", []]),
    ("secret", ["sixteen characters"], None, ["too short"]),
    ("active", [True, False], "active", ["perhaps"]),
]
IS_REQUIRED = {"url": True, "events": True}
parameters(IS, "D-webhooks; ours (secret may be missing, active)", "POST", where, hook,
           [(name, IS_REQUIRED.get(name, False), good, where, bad) for name, good, where, bad in FIELDS])
parameters(IS, "D-webhooks; ours (active)", "PUT", there, lambda w: {}, [(name, False, good, where, bad) for name, good, where, bad in FIELDS])
for source, names in EVENTS.items():
    parameters(IS, f"{source}; D-webhooks", "POST", where, hook, [("events", False, [[name] for name in names], "events", [])])
shape(IS, "AE", "a webhook", lambda w: w.made(where(w), hook(w)), "id url events active created_at")


@case(IS, "D-webhooks", "PUT replaces the events and leaves the rest; GET, list and DELETE")
def _(world):
    made = world.made(where(world), {**hook(world), "events": ["customer.create", "customer.update"]})
    path = f"/webhooks/{made['id']}"
    expect(world.put(path, {"events": ["charge.created"]}).is_(200).data["events"] == ["charge.created"], "not replaced")
    expect(world.get(path).is_(200).data["id"] == made["id"], "another one")
    expect(made["id"] in [w["id"] for w in world.get("/webhooks").is_(200).data], "the list has it not")
    expect("sixteen characters" not in world.get(path).text, "the secret is shown")
    expect(world.delete(path).is_(200).json["success"] is True, "no success")
    world.get(path).is_(404)


@case(IS, "D-webhooks", "PUT of url and of secret, each alone, leaves the rest")
def _(world):
    path = there(world)
    after = world.put(path, {"url": "https://agency.example/elsewhere"}).is_(200).data
    expect((after["url"], after["events"]) == ("https://agency.example/elsewhere", ["customer.create"]), after)
    answer = world.put(path, {"secret": "another sixteen letters"}).is_(200)
    expect(answer.data["url"] == "https://agency.example/elsewhere" and "another sixteen" not in answer.text, answer.text)


@case(IS, "ours", "without a secret one is made, and told once: by the request that made it and its repetition")
def _(world):
    body, key = {name: value for name, value in hook(world).items() if name != "secret"}, world.fresh("key")
    path = where(world)
    first, again = (world.post(path, body, Idempotency_Key=key).is_(201).data for _ in range(2))
    expect(len(first["secret"]) >= 16 and again["secret"] == first["secret"], again)
    expect(first["secret"] not in world.get(f"/webhooks/{first['id']}").text, "it is told again")


STREAM = "events"


def happened(world, thing, *names):
    """The events about a thing, once these are among them."""
    def there():
        rows = world.get(f"/events?limit=500&object_id={thing}").is_(200).data
        return set(names) <= {name for row in rows for name in row["names"]} and rows
    return eventually(", ".join(names), there)


@case(STREAM, "ours; D-webhooks (the names)", "a change is an event: of a customer, an account, a location")
def _(world):
    for path, name, body in (("/customers", "customer", {"name": "A B"}), ("/locations", "location", {"name": world.fresh("Bank")}),
                             ("/debt-accounts", "debt-account", {"customer_id": world.once("owner", world.customer)["id"], "balance": 1})):
        one = world.made(path, body)["id"]
        world.put(f"{path}/{one}", {"metadata": {"a": "1"}}).is_(200)
        world.delete(f"{path}/{one}").is_(200)
        rows = happened(world, one, f"{name}.create", f"{name}.update", f"{name}.delete")
        expect([row["event"] for row in rows] == [f"{name}.create", f"{name}.update", f"{name}.delete"], rows)
        has(rows[0], "id sequence event names object object_id created_at data", "an event")


@case(STREAM, "ours; api-facts 8.17 (charge.created)", "of charges: created and completed, failed, refunded")
def _(world):
    _, debt, method = world.payer()
    charge = world.pay(debt, method, 700).is_(201).data["id"]
    world.post(f"/charges/{charge}/refund", {}).is_(200)
    happened(world, charge, "charge.created", "charge.completed", "charge.refunded")
    failed = world.post("/charges", {"amount": 700, "debt_account_id": debt, "token": "tok_insufficient_funds"}).is_(400).data["id"]
    happened(world, failed, "charge.failed")


@case(STREAM, "ours; api-facts 8.17", "of plans: one event under both sources' names")
def _(world):
    _, debt, method = world.payer(60_000)
    plan = world.made("/payment-plans", {"debt_account_id": debt, "amount": 10_000, "frequency": "monthly", "start_date": world.day(5),
                                         "payment_method_id": method})["id"]
    world.post(f"/payment-plans/{plan}/pause", {}).is_(200)
    world.post(f"/payment-plans/{plan}/cancel", {}).is_(200)
    rows = happened(world, plan, "payment-plan.create", "payment_plan.created", "payment-plan.update", "payment_plan.updated",
                    "payment_plan.cancelled")
    expect(set(rows[0]["names"]) == {"payment-plan.create", "payment_plan.created"}, rows[0]["names"])


@case(STREAM, "D-tickets; ours (the stream)", "of tickets: ticket.create and ticket.update")
def _(world):
    ticket = world.made("/tickets", {"subject": "A", "description": "B"})["id"]
    world.post(f"/tickets/{ticket}/messages", {"message": "C"}).is_(201)
    happened(world, ticket, "ticket.create", "ticket.update")


@case(STREAM, "ours", "oldest first, without gaps; after= goes on; name, object and since narrow")
def _(world):
    customer = world.customer()["id"]
    made = happened(world, customer, "customer.create")[0]
    world.put(f"/customers/{customer}", {"name": "Another"}).is_(200)
    happened(world, customer, "customer.update")
    rows = world.get(f"/events?limit=500&after={made['sequence'] - 1}").is_(200).data
    expect([row["sequence"] for row in rows] == list(range(made["sequence"], made["sequence"] + len(rows))), "gaps")
    expect(rows[0]["id"] == made["id"] and world.get(f"/events/{made['id']}").is_(200).data == made, "another one")
    for query in ("name=customer.update", "object=customer", f"since={made['created_at']}"):
        rows = world.get(f"/events?limit=500&after={made['sequence'] - 1}&{query}").is_(200).data
        expect(customer in [row["object_id"] for row in rows], query)
    expect(world.get("/events?name=nothing.ever").is_(200).data == [], "something")
    world.get("/events?object_id=nobody&since=yesterday&after=-1").refuses("object_id").refuses("since").refuses("after")
