"""Customer sessions: links that let a customer in."""

import datetime

from cases import case, expect, has, parameters, shape

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


def disputed(world):
    return world.once("disputed", lambda: world.made("/debt-account-disputes", {"debt_account_id": world.debt()["id"]}))["id"]


def ends(made):
    """The hours after which a session ends."""
    told = datetime.datetime.fromisoformat(made["expiration"])
    return (told - datetime.datetime.now(datetime.timezone.utc)).total_seconds() / 3_600


parameters(IS, "D-customer-sessions", "POST", lambda w: allowed(w) and "/customer-sessions", new, [
    ("customer_id", True, [], None, ["nobody"]),
    ("valid_until", False, [1, 2160, ("24", None)], None, [0, 2161, "long"]),
    ("return_url", False, ["https://agency.example/thanks"], "return_url", ["nowhere", "javascript:alert(1)", "https://elsewhere.example/thanks"]),
    ("expiration_return_url", False, ["https://agency.example/again"], "expiration_return_url", ["nowhere", "https://elsewhere.example/again"]),
    ("destination", False, ["accounts_list"], "destination", ["the_moon", "account_checkout", "account_detail", "account_disputes_detail"]),
    ("tags", False, [[{"name": "utm_source", "value": "letter"}]], "tags", ["letter", [{"name": "utm_source"}]]),
])
parameters(IS, "D-customer-sessions", "POST", lambda w: "/customer-sessions", lambda w: {"debt_account_id": w.once("lent", w.debt)["id"]}, [
    ("debt_account_id", False, [], None, ["nobody"]),
    ("destination", False, ["accounts_list", "account_checkout", "account_detail", "account_documents"], "destination",
     ["account_disputes_detail"]),
])
parameters(IS, "D-customer-sessions", "POST", lambda w: "/customer-sessions", lambda w: {"debt_account_dispute_id": disputed(w)}, [
    ("debt_account_dispute_id", False, [], None, ["nobody"]),
    ("destination", False, ["account_disputes_detail"], "destination", ["accounts_list", "account_checkout"]),
])
parameters(IS, "AE", "POST", lambda w: allowed(w) and "/customer_sessions", new, [
    ("customer_id", True, [], None, ["nobody"]),
    ("redirect_url", False, ["https://agency.example/thanks"], "return_url", ["nowhere", "https://elsewhere.example/thanks"]),
    ("expires_in", False, [60, 7_776_000, "600"], None, [59, 7_776_001, "long"]),
])
shape(IS, "D-customer-sessions", "a session", lambda w: w.made("/customer-sessions", new(w)), PRINTED)
shape(IS, "AE", "a session of the OpenAPI file", lambda w: w.made("/customer_sessions", {**new(w), "expires_in": 600}), "id magic_link expires_at")


@case(IS, "D-customer-sessions; api-facts 8.14", "customer_id, debt_account_id or debt_account_dispute_id: one of them, not none and not two")
def _(world):
    ids = {**new(world), "debt_account_id": world.debt()["id"], "debt_account_dispute_id": disputed(world)}
    world.post("/customer-sessions", {}).is_(422)
    for left in ids:
        world.post("/customer-sessions", {name: value for name, value in ids.items() if name != left}).is_(422)
        world.made("/customer-sessions", {left: ids[left]})
    world.post("/customer-sessions", ids).is_(422)


@case(IS, "D-customer-sessions", "the ids are ours or the caller's")
def _(world):
    debt, customer = world.debt(), world.customer()
    expect(world.made("/customer-sessions", {"debt_account_id": debt["external_id"]})["debt_account_id"] == debt["id"], "another account")
    expect(world.made("/customer-sessions", {"customer_id": customer["external_id"]})["customer_id"] == customer["id"], "another customer")


@case(IS, "D-customer-sessions", "where it leads unless said: an account's, a dispute's and a customer's own")
def _(world):
    told = [world.made("/customer-sessions", body)["destination"] for body in (new(world), {"debt_account_dispute_id": disputed(world)})]
    expect(told == ["accounts_list", "account_disputes_detail"], told)


@case(IS, "api-facts 4; EX", "portal_url alone opens it, without a login; expiration is ISO 8601")
def _(world):
    made = world.made("/customer-sessions", new(world))
    world.open(made["portal_url"]).is_(200)
    datetime.datetime.fromisoformat(made["expiration"])


@case(IS, "api-facts 8.13", "24 hours after its last use where valid_until is absent, else fixed: use does not move it")
def _(world):
    for more, sliding, hours in (({}, True, 24), ({"valid_until": 30}, False, 30), ({"valid_until": 2160}, False, 2_160)):
        made = world.made("/customer-sessions", {**new(world), **more})
        expect(made["sliding"] is sliding and hours - 0.1 < ends(made) <= hours + 0.01, made)
        world.come_in(made["portal_url"]).is_(200, 303)
        after = world.get(f"/customer-sessions/{made['id']}").is_(200).data
        expect(after["last_used_at"] is not None, "the use is not kept")
        expect(hours - 0.1 < ends(after) <= hours + 0.01, after)
        expect(sliding or after["expiration"] == made["expiration"], "use moved it")


@case(IS, "AE", "expires_in is fixed too; not both it and valid_until")
def _(world):
    made = world.made("/customer_sessions", {**new(world), "expires_in": 3_600})
    expect(made["sliding"] is False and 0.9 < ends(made) <= 1.01, made)
    world.post("/customer_sessions", {**new(world), "expires_in": 3_600, "valid_until": 1}).is_(422)


@case(IS, "ours", "customers are sent back only where the organization allows; a return origin that is not allowed is refused")
def _(world):
    allowed(world)
    for field in ("return_url", "redirect_url", "expiration_return_url"):
        for url in ("https://elsewhere.example/", "https://agency.example.elsewhere.example/",
                    "https://agency.example@elsewhere.example/", "//agency.example"):
            world.post("/customer-sessions", {**new(world), field: url}).refuses(field)


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
    for several in (["partial-payment", "payment-plan"], [], ["partial-payment", "full-amount-payment", "payment-plan"]):
        debt = world.debt(billing_type=several)["id"]
        expect(world.made("/customer-sessions", {"debt_account_id": debt})["return_url"] is None, f"{several} decide one URL")


@case(IS, "api-facts 8.15", "return_url is the caller's where it is sent, else the billing type's under portal_url, which opens too")
def _(world):
    debt = world.debt(billing_type=["payment-plan"])["id"]
    made = world.made("/customer-sessions", {"debt_account_id": debt, "return_url": f"{allowed(world)}/thanks"})
    expect(made["return_url"] == "https://agency.example/thanks", made["return_url"])
    made = world.made("/customer-sessions", {"debt_account_id": debt})
    expect(made["return_url"] == f"{made['portal_url']}/payment-plan", made["return_url"])
    world.open(made["return_url"]).is_(200)


@case(IS, "ours", "GET shows no link, DELETE revokes")
def _(world):
    made = world.made("/customer-sessions", new(world))
    shown = world.get(f"/customer-sessions/{made['id']}").is_(200)
    expect(made["portal_url"] not in shown.text, "the link is shown again")
    world.delete(f"/customer-sessions/{made['id']}").is_(200)
    world.open(made["portal_url"]).is_(404)
    expect(world.get(f"/customer-sessions/{made['id']}").is_(200).data["status"] == "revoked", "not revoked")


@case(IS, "ours", "the same request under its key tells the link again; a revoked and an unknown link read the same")
def _(world):
    key, body = world.fresh("key"), new(world)
    first, again = (world.post("/customer-sessions", body, Idempotency_Key=key).is_(201).data for _ in range(2))
    expect((first["id"], first["portal_url"]) == (again["id"], again["portal_url"]), again)
    world.post(f"/customer-sessions/{first['id']}/revoke", {}).is_(200)
    link = first["portal_url"].rsplit("/", 1)
    expect(world.open(first["portal_url"]).text == world.open(f"{link[0]}/{'0' * 64}").is_(404).text, "they do not")


for name in ("customer_id", "debt_account_id", "debt_account_dispute_id", "status"):
    def found(world, name=name):
        body = {"debt_account_dispute_id": disputed(world)} if name == "debt_account_dispute_id" else {"debt_account_id": world.debt()["id"]}
        made = world.made("/customer-sessions", body)
        rows = world.get(f"/customer-sessions?limit=500&{name}={made[name]}").is_(200).data
        expect(made["id"] in [row["id"] for row in rows] and all(row[name] == made[name] for row in rows), rows)
    case(IS, "ours", f"the list by {name}")(found)
