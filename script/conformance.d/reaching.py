"""Sessions, webhooks, tickets: reaching the customer and being reached."""

from cases import case, expect, parameters, shape

IS = "customer sessions"
PRINTED = "id portal_url return_url expiration"


def new(world):
    return {"customer_id": world.once("owner", world.customer)["id"]}


def allowed(world):
    """An origin to which customers may be sent back."""
    def allow():
        world.put("/organization", {"allowed_origins": ["https://agency.example"]})
        return "https://agency.example"
    return world.once("origin", allow)


parameters(IS, "D-customer-sessions", "POST", lambda w: allowed(w) and "/customer-sessions", new, [
    ("valid_until", False, [1, 2160, ("24", None)], None, [0, 2161, "long"]),
    ("return_url", False, ["https://agency.example/thanks"], "return_url", ["nowhere", "javascript:alert(1)"]),
    ("expiration_return_url", False, ["https://agency.example/again"], None, ["nowhere"]),
    ("destination", False, ["accounts_list"], None, ["the_moon", "account_checkout"]),
    ("tags", False, [[{"name": "utm_source", "value": "letter"}]], None, ["letter"]),
])
shape(IS, "D-customer-sessions", "a session", lambda w: w.made("/customer-sessions", new(w)), PRINTED)
shape(IS, "AE", "a session of the OpenAPI file", lambda w: w.made("/customer_sessions", {**new(w), "expires_in": 600}), "id magic_link expires_at")


@case(IS, "D-customer-sessions", "customer_id or debt_account_id, one of them")
def _(world):
    world.post("/customer-sessions", {}).is_(422)
    debt = world.debt()
    made = world.made("/customer-sessions", {"debt_account_id": debt["external_id"], "destination": "account_checkout"})
    expect(made["portal_url"].startswith("http"), made)
    world.post("/customer-sessions", {"customer_id": "nobody"}).refuses("customer_id")


@case(IS, "D-customer-sessions", "tags are query parameters of portal_url")
def _(world):
    made = world.made("/customer-sessions", {**new(world), "tags": [{"name": "utm_source", "value": "a letter"}]})
    expect("utm_source=a%20letter" in made["portal_url"] or "utm_source=a+letter" in made["portal_url"], made["portal_url"])


@case(IS, "guide Debt Accounts", "one billing type alone decides return_url")
def _(world):
    for kind in ("partial-payment", "full-amount-payment", "payment-plan"):
        debt = world.debt(billing_type=[kind])["id"]
        made = world.made("/customer-sessions", {"debt_account_id": debt})
        expect(made["return_url"].split("?")[0].endswith(f"/{kind}"), made["return_url"])
    both = world.debt(billing_type=["partial-payment", "payment-plan"])["id"]
    expect(world.made("/customer-sessions", {"debt_account_id": both})["return_url"] is None, "two types decide one URL")


@case(IS, "AE", "expires_in is seconds, 60 to 7,776,000")
def _(world):
    for bad in (59, 7_776_001):
        world.post("/customer_sessions", {**new(world), "expires_in": bad}).refuses("expires_in")


@case(IS, "ours", "GET shows no link, DELETE revokes")
def _(world):
    made = world.made("/customer-sessions", new(world))
    shown = world.get(f"/customer-sessions/{made['id']}").is_(200)
    expect(made["portal_url"] not in shown.text, "the link is shown again")
    world.delete(f"/customer-sessions/{made['id']}").is_(200)


HOOK = "webhooks"
EVENTS = ["customer.create", "customer.update", "customer.delete", "debt-account.create", "debt-account.update", "debt-account.delete",
          "location.create", "location.update", "location.delete", "charge.created", "ticket.create", "ticket.update",
          "payment_plan.created", "payment_plan.updated", "payment_plan.completed", "payment_plan.cancelled", "charge.completed",
          "charge.failed", "transaction.completed"]


def hook(world):
    return {"url": "https://agency.example/hook", "events": ["customer.create"], "secret": "sixteen characters"}


parameters(HOOK, "D-webhooks", "POST", lambda w: "/webhooks", hook, [
    ("url", True, ["https://agency.example/hook?x=1"], None, ["nowhere"]),
    ("events", True, [[event] for event in EVENTS], "events", [["pigeon.arrived"], "customer.create", []]),
    ("secret", False, ["sixteen characters"], None, ["too short"]),
])
shape(HOOK, "AE", "a webhook", lambda w: w.made("/webhooks", hook(w)), "id url events active created_at")


@case(HOOK, "D-webhooks", "PUT replaces the events and leaves the rest; GET, list and DELETE")
def _(world):
    made = world.made("/webhooks", {**hook(world), "events": ["customer.create", "customer.update"]})
    path = f"/webhooks/{made['id']}"
    expect(world.put(path, {"events": ["charge.created"]}).is_(200).data["events"] == ["charge.created"], "not replaced")
    expect(world.get(path).is_(200).data["id"] == made["id"], "another one")
    expect(made["id"] in [w["id"] for w in world.get("/webhooks").is_(200).data], "the list has it not")
    expect("sixteen characters" not in world.get(path).text, "the secret is shown")
    expect(world.delete(path).is_(200).json["success"] is True, "no success")
    world.get(path).is_(404)


TICKET = "tickets"
LISTED = "id name email phone category subject status source is_read_by_customer is_read_by_organization last_activity_at resolved_at created_at"


def ticket(world):
    return {"subject": "A question", "description": "What is this?", **new(world)}


parameters(TICKET, "AE", "POST", lambda w: "/tickets", ticket, [
    ("subject", True, ["A question"], "subject", []),
    ("description", True, ["What is this?"], "description", []),
])
shape(TICKET, "AE", "a ticket of the OpenAPI file", lambda w: w.made("/tickets", ticket(w)), "id subject description status created_at")
shape(TICKET, "D-tickets", "a listed ticket", lambda w: w.made("/tickets", ticket(w)) and w.get("/tickets?limit=1").is_(200).data[0],
      LISTED.replace("name email phone ", ""))
for name, words in (("status", "open in_progress resolved"), ("source", "collect guest"),
                    ("category", "other trouble-logging-in change-payment-plan-info need-info-about-my-account need-call-support")):
    for word in words.split():
        def filtered(world, name=name, word=word):
            world.made("/tickets", ticket(world))
            rows = world.get(f"/tickets?{name}={word}").is_(200).data
            expect(all(row[name] == word for row in rows), "others are there too")
            world.get(f"/tickets?{name}[]={word}").is_(200)
        case(TICKET, "D-tickets", f"{name}={word}, alone and in a list")(filtered)


@case(TICKET, "D-tickets", "15 rows unless said; messages only in one ticket")
def _(world):
    made = world.made("/tickets", ticket(world))
    answer = world.get("/tickets").is_(200).json
    expect(int(answer["meta"]["per_page"]) == 15, answer["meta"])
    expect(all("messages" not in row for row in answer["data"]), "the list has messages")
    expect(len(world.get(f"/tickets/{made['id']}").is_(200).data["messages"]) == 1, "no first message")
