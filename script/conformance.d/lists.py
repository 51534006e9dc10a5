"""Lists, and what may be shown within what."""

import urllib.parse

from cases import LeftOut, case, expect, has

IS = "lists"


def dispute(world):
    return world.once("dispute", lambda: world.made("/debt-account-disputes", {"debt_account_id": world.debt()["id"]}))["id"]


def ticket(world):
    return world.once("ticket", lambda: world.made("/tickets", {"subject": "A", "description": "B"}))["id"]


def operation(world):
    return world.once("operation", lambda: world.post("/bulk", [{"customer": {"name": "A B"}}]).is_(201).data)["id"]


def payer(which):
    return lambda world: world.once("something", world.payer)[which]


def webhook(world):
    new = {"url": "https://agency.example/hook", "events": ["charge.completed"]}
    return world.once("webhook of lists", lambda: world.made("/webhooks", new))["id"]


def plan(world):
    account = world.debt()["id"]
    new = {"debt_account_id": account, "amount": 1000, "frequency": "weekly"}
    return world.once("plan of lists", lambda: world.made("/payment-plans", new))["id"]


def remittance(world):
    def make():
        client = world.made("/locations", {"name": world.fresh("client")})["id"]
        world.made("/client-terms", {"location_id": client, "fee_rules": [{"basis_points": 2500}]})
        return world.made("/remittances", {"location_id": client})
    return world.once("remittance of lists", make)["id"]


#: Every list by its path, and whose it is where it is somebody's.
LISTS = {
    "/customers": None,
    "/customers/{id}/addresses": payer(0),
    "/customers/{id}/payment-methods": payer(0),
    "/customers/{id}/payment_methods": payer(0),
    "/customers/{id}/preferences/history": payer(0),
    "/debt-accounts": None,
    "/debt_accounts": None,
    "/debt-accounts/{id}/documents": payer(1),
    "/debt_accounts/{id}/documents": payer(1),
    "/debt-account-disputes": None,
    "/debt_account_disputes": None,
    "/debt-account-disputes/{id}/documents": dispute,
    "/debt_account_disputes/{id}/documents": dispute,
    "/documents": None,
    "/locations": None,
    "/payment-methods": None,
    "/payment_methods": None,
    "/charges": None,
    "/transactions": None,
    "/payment-plans": None,
    "/payment_plans": None,
    "/payment-plans/{id}/authorizations": plan,
    "/payment_plans/{id}/authorizations": plan,
    "/settlement-offers": None,
    "/settlement_offers": None,
    "/customer-sessions": None,
    "/customer_sessions": None,
    "/tickets": None,
    "/tickets/{id}/messages": ticket,
    "/tickets/{id}/documents": ticket,
    "/ach-files": None,
    "/ach_files": None,
    "/ach-notices": None,
    "/ach_notices": None,
    "/blocks": None,
    "/client-terms": None,
    "/client_terms": None,
    "/remittances": None,
    "/remittances/{id}/lines": remittance,
    "/trust-deposits": None,
    "/trust_deposits": None,
    "/messages": None,
    "/message-templates": None,
    "/message_templates": None,
    "/webhooks": None,
    "/webhooks/{id}/deliveries": webhook,
    "/webhooks/{id}/replays": webhook,
    "/events": None,
    "/bank-accounts": None,
    "/bank_accounts": None,
    "/bank-statements": None,
    "/bank_statements": None,
    "/bank-lines": None,
    "/bank_lines": None,
    "/bank-expectations": None,
    "/bank_expectations": None,
    "/bulk": None,
    "/bulk/{id}/errors": operation,
}

#: A stream that goes on has no pages.
STREAMS = ("/events",)
#: Which of them a source shows; the others are ours.
SHOWN = {"/customers": "guide Customers", "/customers/{id}/addresses": "guide Customers", "/debt-accounts": "guide Debt Accounts",
         "/transactions": "D-transactions", "/tickets": "D-tickets"}
SHOWN |= dict.fromkeys(["/debt_accounts", "/payment_methods", "/payment_plans", "/charges", "/webhooks"], "AE")
#: How many rows there are unless said: 10, but for these. None is all of them.
UNLESS_SAID = {"/tickets": 15, "/tickets/{id}/messages": 15, "/webhooks": None, "/message-templates": None, "/message_templates": None,
               "/customers/{id}/addresses": None}


@case(IS, "ours", "the lists of this suite are those of the server's own document, /openapi.json")
def _(world):
    answer = world.open(f"{world.origin}/openapi.json")
    if answer.status != 200:
        raise LeftOut("the server has no document of its own")
    is_list = lambda get: any(p.get("name") == "limit" for p in get.get("parameters", []))
    its = {path for path, ways in answer.json["paths"].items() if is_list(ways.get("get", {}))}
    expect(its == LISTS.keys(), f"here and there: {sorted(its ^ LISTS.keys())}")


for path, whose in LISTS.items():
    source = SHOWN.get(path, "ours")

    def at(world, path=path, whose=whose):
        world.once("something", world.payer)
        return path.replace("{id}", whose(world)) if whose else path

    def pages(world, at=at):
        answer = world.get(f"{at(world)}?limit=1&page=1").is_(200).json
        meta, links = answer["meta"], answer["links"]
        has(meta, "from to current_page last_page per_page path total total_pages", "meta")
        has(links, "first last prev next", "links")
        expect((meta["current_page"], meta["per_page"], links["prev"]) == (1, 1, None), (meta, links))
        expect(len(answer["data"]) <= 1, "more rows than the limit")

    def limits(world, at=at, has_pages=path not in STREAMS):
        where = at(world)
        for limit in (0, 501, "many"):
            world.get(f"{where}?limit={limit}").refuses("limit")
        if has_pages:
            world.get(f"{where}?page=0").refuses("page")
            expect(world.get(f"{where}?limit=500&page=1000000").is_(200).data == [], "a page past the end has rows")

    def walks(world, at=at):
        where = at(world)
        first = world.get(f"{where}?limit=1&cursor=").is_(200).json
        onward = first["meta"]["next_cursor"]
        if onward:
            second = world.get(f"{where}?limit=1&cursor={urllib.parse.quote(onward)}").is_(200).data
            expect(second != first["data"], "the cursor stands still")
        world.get(f"{where}?cursor=nonsense").refuses("cursor")

    def unless_said(world, at=at, rows=UNLESS_SAID.get(path, 10)):
        answer = world.get(at(world)).is_(200).json
        if rows:
            expect(answer["meta"]["per_page"] == rows, answer["meta"])
        else:
            expect(len(answer["data"]) == answer["meta"]["total"], answer["meta"])

    if path not in STREAMS:
        case(IS, f"{source}; D-api", f"GET {path}: meta and links")(pages)
        case(IS, f"{source}; D-api", f"GET {path}: {UNLESS_SAID.get(path, 10) or 'all'} rows unless said")(unless_said)
    case(IS, f"{source}; D-api (limit 1..500); ours (out of range 422, past the end [])", f"GET {path}: limit and page")(limits)
    case(IS, "ours", f"GET {path}: cursor")(walks)


@case(IS, "D-api", "links keep the other parameters, and lead on and back")
def _(world):
    world.payer(), world.payer()
    links = world.get("/debt-accounts?limit=1&status=active").is_(200).json["links"]
    expect("status=active" in links["first"] and "limit=1" in links["first"], links)
    second = world.send("GET", links["next"], None).is_(200).json
    expect(second["meta"]["current_page"] == 2 and second["links"]["prev"] == links["first"], second["links"])
    last = world.send("GET", links["last"], None).is_(200).json
    expect(last["links"]["next"] is None and last["meta"]["current_page"] == last["meta"]["last_page"], last["links"])


@case(IS, "api-facts 8.7", "per_page is an integer; last_page and total_pages are the same")
def _(world):
    meta = world.get("/customers?limit=3").is_(200).json["meta"]
    expect(isinstance(meta["per_page"], int) and meta["last_page"] == meta["total_pages"], meta)


@case(IS, "D-api", "meta of transactions has from_submitted_date and to_submitted_date, as Y-m-d H:i:s")
def _(world):
    customer, debt, method = world.payer()
    world.pay(debt, method, 700).is_(201)
    meta = world.get("/transactions?limit=5").is_(200).json["meta"]
    has(meta, "from_submitted_date to_submitted_date", "meta")
    expect(len(meta["from_submitted_date"]) == len("2021-01-01 00:00:00"), meta)


@case(IS, "D-tickets", "tickets take any limit of 1 to 100")
def _(world):
    for limit in (1, 15, 100):
        expect(world.get(f"/tickets?limit={limit}").is_(200).json["meta"]["per_page"] == limit, limit)


WITHIN = "include"


def everything(world):
    """One of each, all belonging together; where each is shown."""
    def make():
        customer, parent, method = world.payer(0)
        external = world.get(f"/debt-accounts/{parent}").is_(200).data["external_id"]
        place = world.fresh("loc")
        debt = world.debt(90_000, customer_id=customer, parent_external_id=external, location_id=place, location_name=f"Bank {place}")["id"]
        charge = world.pay(debt, method, 700).is_(201).data["id"]
        transaction = world.get(f"/transactions?charge_id={charge}").is_(200).data[0]["id"]
        plan = world.made("/payment-plans", {"debt_account_id": debt, "amount": 10_000, "frequency": "monthly",
                                             "start_date": world.day(5), "payment_method_id": method})["id"]
        about = world.made("/tickets", {"subject": "A", "description": "B", "customer_id": customer, "debt_account_id": debt})["id"]
        return {"customers": customer, "debt-accounts": debt, "parents": parent, "payment-methods": method, "charges": charge,
                "transactions": transaction, "payment-plans": plan, "tickets": about, "locations": place}
    return world.once("everything", make)


#: What applies to which: the words that are asked for, and the key under which they are shown.
APPLIES = {
    "customers": {"debt_account": "debt_accounts", "payment_methods": "payment_methods", "charge": "charges", "transactions": "transactions",
                  "ticket": "tickets", "addresses": "addresses"},
    "debt-accounts": {"customers": "customer", "location": "location", "parent": "parent", "charges": "charges", "transaction": "transactions",
                      "payment_plan": "payment_plan", "tickets": "tickets"},
    "payment-methods": {"customer": "customer", "charges": "charges", "transactions": "transactions"},
    "charges": {"customer": "customer", "debt_accounts": "debt_account", "payment_method": "payment_method", "transactions": "transactions"},
    "transactions": {"customer": "customer", "debt_account": "debt_account", "charge": "charge", "payment_methods": "payment_method"},
    "payment-plans": {"customer": "customer", "debt_account": "debt_account", "payment_method": "payment_method", "charges": "charges"},
    "tickets": {"customer": "customer", "debt_account": "debt_account"},
    "locations": {"debt_accounts": "debt_accounts"},
}
for resource, words in APPLIES.items():
    for word, key in words.items():
        def within(world, resource=resource, word=word, key=key):
            one = world.get(f"/{resource}/{everything(world)[resource]}?include={word}").is_(200).data
            expect(one.get(key) is not None, f"{key} is not there")
            expect(isinstance(one[key], list) == key.endswith("s"), f"{key} is {type(one[key]).__name__}")
            rows = world.get(f"/{resource}?limit=500&include={word}").is_(200).data
            expect(any(row.get(key) is not None for row in rows if row["id"] == one["id"]), f"{key} is not there in the list")
        case(WITHIN, "AE; ours (the words)", f"{resource}?include={word}")(within)


@case(WITHIN, "AE; ours (the words)", "children are shown in a parent")
def _(world):
    one = world.get(f"/debt-accounts/{everything(world)['parents']}?include=children").is_(200).data
    expect([child["id"] for child in one["children"]] == [everything(world)["debt-accounts"]], one["children"])


@case(WITHIN, "AE", "several, as in `customers,payment_methods`")
def _(world):
    one = world.get(f"/charges/{everything(world)['charges']}?include=customers,payment_methods").is_(200).data
    has(one, "customer payment_method", "the charge")


@case(WITHIN, "ours", "one that does not apply and an empty one are ignored, and any other word is refused")
def _(world):
    for word in ("", "children", "parent,location"):
        world.get(f"/customers?limit=1&include={word}").is_(200)
    world.get("/customers?include=shoes").refuses("include")
    world.get("/customers?include=tickets,shoes").refuses("include")
