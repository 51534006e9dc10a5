"""Just in time: the server asks an endpoint of ours, and what it makes of the answer."""

import json
import socket
import time

from cases import LeftOut, case, expect, has, parameters
from endpoint import lone, registered, trigger, whole

IS, GUIDE = "just in time", "guide Just In Time"


def asked(world, told, **more):
    """What a trigger answers where our endpoint tells this of the account in it."""
    registered(world).says(200, told, **more)
    return trigger(world, told["data"]["debt_account"]["external_id"])


def not_there(world, told):
    for path, name in (("/debt-accounts", "debt_account"), ("/customers", "customer"), ("/locations", "location")):
        if name in told["data"] and "external_id" in told["data"][name]:
            world.get(f"{path}/{told['data'][name]['external_id']}").is_(404)


# Registering.

parameters(IS, GUIDE, "POST", lambda w: "/just-in-time", lambda w: {"url": "https://your-system.example/"}, [
    ("url", True, ["https://your-system.example/whatever-you-want?key=1"], "url", ["just-in-time-url", "ftp://your-system.example/", ""]),
])
parameters(IS, "ours", "POST", lambda w: "/just-in-time", lambda w: {"url": "https://your-system.example/"}, [
    ("secret", False, [("sixteen-letters!", True)], "has_secret", ["too short", "with a space in it"]),
])


@case(IS, "ours", "it is shown without its secret, replaced, and removed; without one there is nothing to trigger: 404")
def _(world):
    for url in ("https://your-system.example/one", "https://your-system.example/two"):
        world.post("/just-in-time", {"url": url, "secret": "sixteen-letters!"}).is_(201)
        told = world.get("/just_in_time").is_(200)
        expect(told.data["url"] == url and "sixteen-letters!" not in told.text, told.text)
    world.delete("/just-in-time").is_(200)
    world.get("/just-in-time").is_(404)
    trigger(world, "x").is_(404)


@case(IS, GUIDE, "one endpoint: a second one takes the place of the first")
def _(world):
    told = lone(world)
    registered(world, "/one")
    theirs = registered(world, "/two")
    theirs.says(200, told)
    trigger(world, told["data"]["debt_account"]["external_id"]).is_(200)
    expect([one.path.split("?")[0] for one in theirs.asked] == ["/two"], [one.path for one in theirs.asked])


# Calling out.

@case(IS, GUIDE, "trigger needs debt_account_external_id, JSON and form")
def _(world):
    for form in (False, True):
        world.post("/just-in-time/trigger", {"other": "x"}, form=form).refuses("debt_account_external_id")


@case(IS, GUIDE, "one GET, with debt_account_external_id as the caller's id")
def _(world):
    theirs = registered(world)
    told = lone(world)
    theirs.says(200, told)
    account = told["data"]["debt_account"]["external_id"]
    made = trigger(world, account).is_(200).data["debt_account"]
    expect([one.path for one in theirs.asked] == [f"/whatever-you-want?debt_account_external_id={account}"], [one.path for one in theirs.asked])
    # By our id it is asked about by theirs.
    trigger(world, made["id"]).is_(200)
    expect(theirs.asked[1].query == {"debt_account_external_id": [account]}, theirs.asked[1].path)


@case(IS, GUIDE, "an id is written as a URL needs it")
def _(world):
    told = lone(world)
    told["data"]["debt_account"]["external_id"] = f"{world.fresh('j')} a/b&c=d?é"
    theirs = registered(world)
    theirs.says(200, told)
    trigger(world, told["data"]["debt_account"]["external_id"]).is_(200)
    expect(theirs.asked[0].query == {"debt_account_external_id": [told["data"]["debt_account"]["external_id"]]}, theirs.asked[0].path)


@case(IS, "ours (not known)", "a query string of the address is kept")
def _(world):
    told = lone(world)
    theirs = registered(world, "/in?key=a%20b&x=1")
    theirs.says(200, told)
    account = told["data"]["debt_account"]["external_id"]
    trigger(world, account).is_(200)
    expect(theirs.asked[0].path == f"/in?key=a%20b&x=1&debt_account_external_id={account}", theirs.asked[0].path)


@case(IS, "ours (not known)", "the secret is sent as a bearer token, and our own token never")
def _(world):
    told = lone(world)
    for more, header in (({"secret": "sixteen-letters!"}, "Bearer sixteen-letters!"), ({}, None)):
        theirs = registered(world, **more)
        theirs.says(200, told)
        trigger(world, told["data"]["debt_account"]["external_id"]).is_(200)
        expect(theirs.asked[0].headers["Authorization"] == header, theirs.asked[0].headers["Authorization"])
        expect(world.token not in str(theirs.asked[0].headers), "our token is told")


@case(IS, "ours", "the same trigger under its key asks once")
def _(world):
    told, key = lone(world), world.fresh("key")
    theirs = registered(world)
    theirs.says(200, told)
    first, again = (trigger(world, told["data"]["debt_account"]["external_id"], Idempotency_Key=key).is_(200) for _ in range(2))
    expect((len(theirs.asked), first.json) == (1, again.json), len(theirs.asked))


# Answering.

@case(IS, f"{GUIDE}; ours (the reply's names)", "the guide's own example makes everything, and it is told")
def _(world):
    told = whole(world)
    data = asked(world, told).is_(200).data
    has(data, "customer location debt_account child_debt_accounts", "the answer")
    for name in ("customer", "location", "debt_account"):
        expect(data[name]["external_id"] == told["data"][name]["external_id"], data[name])
    child = told["data"]["child_debt_accounts"][0]
    expect([one["external_id"] for one in data["child_debt_accounts"]] == [child["external_id"]], data["child_debt_accounts"])
    shown = world.get(f"/debt-accounts/{told['data']['debt_account']['external_id']}").is_(200).data
    expect((shown["customer"]["id"], shown["location"]["id"]) == (data["customer"]["id"], data["location"]["id"]), shown)
    expect((shown["balance"], shown["current_balance"]) == (1_000, 1_000), "a parent is the sum of its children")


@case(IS, GUIDE, "/just_in_time/trigger, and a form, do the same")
def _(world):
    told = lone(world)
    registered(world).says(200, told)
    body = {"debt_account_external_id": told["data"]["debt_account"]["external_id"]}
    first = world.post("/just-in-time/trigger", body, form=True).is_(200).data["debt_account"]["id"]
    expect(world.post("/just_in_time/trigger", body).is_(200).data["debt_account"]["id"] == first, "another account")


@case(IS, GUIDE, "children are linked to their parent, and it is their sum")
def _(world):
    told = whole(world)
    account = told["data"]["debt_account"]["external_id"]
    told["data"]["child_debt_accounts"] = [{"external_id": world.fresh("jd"), "parent_external_id": account,
                                            "balance": balance} for balance in (700, 1_100)]
    data = asked(world, told).is_(200).data
    for one in data["child_debt_accounts"]:
        expect(world.get(f"/debt-accounts/{one['id']}").is_(200).data["parent_external_id"] == account, one)
    expect((data["debt_account"]["balance"], world.owed(account)) == (1_800, 1_800), data["debt_account"])


@case(IS, "ours", "a child without parent_external_id is its account's; one of another account is refused")
def _(world):
    told = whole(world)
    del told["data"]["child_debt_accounts"][0]["parent_external_id"]
    expect(asked(world,
                 told).is_(200).data["child_debt_accounts"][0]["parent_external_id"] == told["data"]["debt_account"]["external_id"], "it is not")
    other = whole(world)
    other["data"]["child_debt_accounts"][0]["parent_external_id"] = world.debt()["external_id"]
    asked(world, other).names("data.child_debt_accounts.0.parent_external_id")


@case(IS, GUIDE, "what is known by external_id is updated, what is not is created")
def _(world):
    told = whole(world)
    first = asked(world, told).is_(200).data
    told["data"]["customer"]["name"] = "Another Name"
    told["data"]["location"]["name"] = world.fresh("Another Location")
    told["data"]["debt_account"]["external_status"] = "called"
    told["data"]["child_debt_accounts"][0] |= {"balance": 1_500, "current_balance": 1_500}
    told["data"]["child_debt_accounts"].append({"external_id": world.fresh("jd"), "balance": 500})
    again = asked(world, told).is_(200).data
    for name in ("customer", "location", "debt_account"):
        expect(again[name]["id"] == first[name]["id"], f"another {name}")
    expect((again["customer"]["name"], again["location"]["name"]) == ("Another Name", told["data"]["location"]["name"]), again)
    expect((again["debt_account"]["external_status"], again["debt_account"]["balance"]) == ("called", 2_000), again["debt_account"])
    expect(again["child_debt_accounts"][0]["id"] == first["child_debt_accounts"][0]["id"], "another child")


for name in ("id", "uuid"):
    @case(IS, f"{GUIDE}; ours (the field {name})", f"what is known by our UUID, under {name}, is updated")
    def _(world, name=name):
        told = whole(world)
        first = asked(world, told).is_(200).data
        account = told["data"]["debt_account"]["external_id"]
        registered(world).says(200, {"data": {
            "customer": {name: first["customer"]["id"], "name": "Another Name"},
            "location": {name: first["location"]["id"], "name": told["data"]["location"]["name"]},
            "debt_account": {name: first["debt_account"]["id"], "external_status": "called"},
        }})
        again = trigger(world, account).is_(200).data
        expect((again["customer"]["id"], again["customer"]["name"]) == (first["customer"]["id"], "Another Name"), again["customer"])
        expect((again["debt_account"]["id"], again["debt_account"]["external_status"]) == (first["debt_account"]["id"], "called"),
               again["debt_account"])


@case(IS, GUIDE, "location and customer may be missing of an account that is known")
def _(world):
    debt = world.debt(7_000)
    data = asked(world, {"data": {"debt_account": {"external_id": debt["external_id"], "balance": 7_000, "current_balance": 6_000}}}).is_(200).data
    expect((data["debt_account"]["id"], data["debt_account"]["current_balance"], data["customer"]["id"])
           == (debt["id"], 6_000, debt["customer"]["id"]), data)


@case(IS, GUIDE, "the fields are those of the pages of accounts, customers and locations")
def _(world):
    told = whole(world)
    del told["data"]["child_debt_accounts"]
    told["data"]["customer"] |= {"email": "jit@example.com", "phone": "212-555-0123", "date_of_birth": "1980-02-03", "ssn_last4": "0042",
                                 "address": {"line1": "1 Main St", "postal_code": "12207"}, "metadata": {"key": "value"}}
    told["data"]["location"] |= {"type": "current_creditor", "metadata": {"key": "value"}}
    told["data"]["debt_account"] |= {"billing_type": ["partial-payment"], "external_account_number": "A-1", "external_status": "x",
                                     "status": "closed",
                                     "rules": {"min_payment_amount": 500}, "metadata": {"key": "value"},
                                     "locations": [{"name": world.fresh("Portfolio"), "type": "product_type"}],
                                     "payment_plan": {"frequency": "weekly", "start_date": world.day(3), "amount": 1_000}}
    data = asked(world, told).is_(200).data
    kept = [{"attribute": "key", "value": "value"}]
    expect((data["customer"]["phone"], data["customer"]["ssn"], data["customer"]["addresses"][0]["line1"])
           == ("+12125550123", "***-**-0042", "1 Main St"), data["customer"])
    expect((data["location"]["type"], data["location"]["metadata"], data["customer"]["metadata"]) == ("current_creditor", kept, kept),
           data["location"])
    debt = data["debt_account"]
    expect((debt["status"], debt["rules"], debt["billing_type"], debt["payment_plan"]["frequency"])
           == ("closed", {"min_payment_amount": 500}, ["partial-payment"], "weekly"), debt)


# What is not valid.

WRONG = {
    "data.debt_account.balance": ("debt_account", {"balance": "much"}),
    "data.debt_account.status": ("debt_account", {"status": "lost"}),
    "data.debt_account.rules": ("debt_account", {"rules": {"min_payment_amount": 1}}),
    "data.customer.name": ("customer", {"name": ""}),
    "data.customer.email": ("customer", {"email": "nobody"}),
    "data.customer.phone": ("customer", {"phone": "12"}),
    "data.location.name": ("location", {"name": ""}),
    "data.location.type": ("location", {"type": "planet"}),
    "data.child_debt_accounts.0.balance": ("child_debt_accounts", {"balance": -1}),
}
for field, (name, change) in WRONG.items():
    @case(IS, f"{GUIDE}; ours (the names)", f"{field} is named where it is wrong, and nothing is applied")
    def _(world, field=field, name=name, change=change):
        told = whole(world)
        (told["data"][name][0] if name == "child_debt_accounts" else told["data"][name]).update(change)
        asked(world, told).names(field)
        not_there(world, told)


@case(IS, f"{GUIDE}; ours (at once)", "everything that is wrong is said at once")
def _(world):
    told = whole(world)
    for name, change in WRONG.values():
        (told["data"][name][0] if name == "child_debt_accounts" else told["data"][name]).update(change)
    errors = asked(world, told).is_(422).json["errors"]
    missing = [field for field in WRONG if not any(name.startswith(field) for name in errors)]
    expect(not missing, f"nothing about {missing}")


@case(IS, GUIDE, "an account that is known stays as it was where anything else is wrong")
def _(world):
    told = whole(world)
    asked(world, told).is_(200)
    told["data"]["customer"]["name"] = "Another Name"
    told["data"]["child_debt_accounts"].append({"external_id": world.fresh("jd"), "balance": "much"})
    asked(world, told).names("data.child_debt_accounts.1.balance")
    expect(world.get(f"/customers/{told['data']['customer']['external_id']}").is_(200).data["name"] == "Test Customer", "the customer was changed")


@case(IS, GUIDE, "a new account needs a customer and a balance")
def _(world):
    for name, field in (("customer", "data.customer"), ("debt_account", "data.debt_account.balance")):
        told = lone(world)
        if name == "customer":
            del told["data"]["customer"]
        else:
            del told["data"]["debt_account"]["balance"]
        answer = asked(world, told).is_(422)
        expect(any(one.startswith(field) or one.endswith("customer_id") and name == "customer" for one in answer.json["errors"]), answer.text)


for what, body, field in (("no JSON", b"nonsense", "data"), ("nothing", b"", "data"), ("a list", b"[]", "data"), ("no data", b"{}", "data"),
                          ("data that is a list", b'{"data": []}', "data"), ("no debt_account", b'{"data": {}}', "data.debt_account")):
    @case(IS, f"{GUIDE}; ours (422)", f"200 with {what} is refused: {field}")
    def _(world, body=body, field=field):
        registered(world).says(200, body)
        trigger(world, world.fresh("ja")).names(field)


@case(IS, "ours", "data about another account than was asked for is refused")
def _(world):
    told = lone(world)
    registered(world).says(200, told)
    trigger(world, world.fresh("ja")).names("data.debt_account.external_id")
    not_there(world, told)


# What goes wrong on their side.

for status in (400, 401, 403, 404, 409, 422, 429, 500, 503):
    @case(IS, f"{GUIDE}; ours (the header)", f"their {status} is relayed, with its body")
    def _(world, status=status):
        registered(world).says(status, {"oops": [1, status]})
        answer = trigger(world, world.fresh("ja")).is_(status)
        expect((answer.json, answer.headers["X-Just-In-Time"]) == ({"oops": [1, status]}, "upstream"), answer.text)


@case(IS, "ours", "a body of theirs that is no JSON, or longer than 64 KiB, is jit_upstream")
def _(world):
    theirs = registered(world)
    theirs.says(500, b"<h1>Oops</h1>", "text/html")
    answer = trigger(world, world.fresh("ja")).is_(500).json
    expect((answer["errorCode"], answer["upstream"]) == ("jit_upstream", {"status": 500, "body": "<h1>Oops</h1>"}), answer)
    theirs.says(404, json.dumps({"long": "x" * 70_000}).encode())
    answer = trigger(world, world.fresh("ja")).is_(404).json
    expect((answer["errorCode"], answer["upstream"]["body"]) == ("jit_upstream", None), answer)


for status, headers in ((201, {}), (202, {}), (204, {}), (302, {"Location": "/elsewhere"})):
    @case(IS, f"{GUIDE} (must be 200); ours (502)", f"their {status} is no answer, and a redirect is not followed")
    def _(world, status=status, headers=headers):
        theirs, told = registered(world), lone(world)
        theirs.says(status, b"" if status == 204 else told, **headers)
        answer = trigger(world, told["data"]["debt_account"]["external_id"]).is_(502)
        expect((answer.json["errorCode"], len(theirs.asked)) == ("jit_upstream", 1), answer.text)
        not_there(world, told)


@case(IS, "ours", "nobody there: 502 jit_unreachable")
def _(world):
    world.endpoint()  # the server calls this machine at all
    if world.listening.url:
        raise LeftOut("which port of this machine nobody listens on, as the server sees it, is not known")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    world.post("/just-in-time", {"url": f"http://127.0.0.1:{port}/"}).is_(201)
    expect(trigger(world, world.fresh("ja")).is_(502).json["errorCode"] == "jit_unreachable", "another code")


@case(IS, f"{GUIDE} (10 seconds)", "an answer within ten seconds is taken")
def _(world):
    asked(world, lone(world), after=4).is_(200)


@case(IS, f"{GUIDE} (10 seconds); ours (504)", "after ten seconds nobody waits any more, and nothing is applied")
def _(world):
    told, began = lone(world), time.monotonic()
    answer = asked(world, told, after=14).is_(504)
    expect(answer.json["errorCode"] == "jit_timeout" and 9 < time.monotonic() - began < 13.5,
           f"{answer.text} after {time.monotonic() - began:.1f} s")
    not_there(world, told)


@case(IS, "ours", "after five failures in a row the endpoint is left alone: 503 jit_paused with Retry-After")
def _(world):
    theirs = registered(world)
    theirs.says(500, {"error": "down"})
    for _ in range(5):
        trigger(world, world.fresh("ja")).is_(500)
    answer = trigger(world, world.fresh("ja")).is_(503)
    expect((answer.json["errorCode"], len(theirs.asked)) == ("jit_paused", 5) and 0 < int(answer.headers["Retry-After"]) <= 30, answer.text)
    registered(world)  # so that the next case finds it well
