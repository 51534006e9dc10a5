"""Finding accounts by what their owner tells."""

import urllib.parse

from cases import case, expect, has
from people import FLOWS, number, person

IS, GUIDE = "lookup", "guide Debt Accounts"

WRONG = {"ssn_last4": "0043", "date_of_birth": "1988-09-18", "postal_code": "10002"}
for flow, fields in FLOWS.items():
    def look(world, flow=flow, fields=fields):
        body, debt = person(world)
        told = {**body, "postal_code": "10001"}
        asked = {"lookup_flow_type": flow, **{field: told[field] for field in fields}}
        query = urllib.parse.urlencode(asked)
        found = world.get(f"/debt-accounts/lookup?{query}").is_(200).data
        expect([x["id"] for x in found] == [debt], f"found {[x['id'] for x in found]}")
        expect(found[0]["customer"]["first_name"] == body["first_name"], "without its customer")
        wrong = {**asked, fields[-1]: WRONG[fields[-1]]}
        nobody = {**asked, fields[0]: number() if fields[0] == "phone" else world.fresh("Nobody")}
        answers = [world.post("/debt-accounts/lookup", body).is_(200).text for body in (wrong, nobody)]
        expect(answers[0] == answers[1], "a wrong proof and an unknown person are told apart")
        expect(world.post("/debt-accounts/lookup", wrong).is_(200).data == [], "found by a wrong proof")
    case(IS, f"{GUIDE}; ours (the reply)", f"{flow} finds, and a wrong proof does not")(look)

    def asks(world, flow=flow, fields=fields):
        errors = world.get(f"/debt-accounts/lookup?lookup_flow_type={flow}").is_(422).json["errors"]
        expect(sorted(errors) == sorted(fields), errors)
        expect(errors[fields[0]] == [f"The {fields[0].replace('_', ' ')} field is required when lookup flow type is {flow}."], errors)
    case(IS, GUIDE, f"{flow} asks for {', '.join(fields)}")(asks)


@case(IS, GUIDE, "lookup_flow_type is required, and one of five")
def _(world):
    world.get("/debt-accounts/lookup").refuses("lookup_flow_type")
    world.get("/debt-accounts/lookup?lookup_flow_type=shoe_size").refuses("lookup_flow_type")


@case(IS, GUIDE, "ssn_last4 is four digits, postal_code five, date_of_birth a day")
def _(world):
    ask = lambda flow, **told: world.post("/debt-accounts/lookup", {"lookup_flow_type": flow, "phone": "212-555-0123", **told})
    ask("phone_ssn_last4", ssn_last4="12345").refuses("ssn_last4")
    ask("phone_postal_code", postal_code="1000").refuses("postal_code")
    ask("phone_date_of_birth", date_of_birth="31.12.1991").refuses("date_of_birth")


@case(IS, "ours", "a flow that the organization does not allow is refused")
def _(world):
    body, _ = person(world)
    allow = lambda flows: world.put("/organization", {"lookup": {"flows": flows}}).is_(200)
    allow([flow for flow in FLOWS if flow != "phone_postal_code"])
    try:
        told = {"lookup_flow_type": "phone_postal_code", "phone": body["phone"], "postal_code": "10001"}
        world.post("/debt-accounts/lookup", told).refuses("lookup_flow_type")
    finally:
        allow(list(FLOWS))


@case(IS, GUIDE, "postal_code is that of any address of the owner")
def _(world):
    body, debt = person(world)
    owner = world.get(f"/debt-accounts/{debt}").is_(200).data["customer"]["id"]
    world.made(f"/customers/{owner}/addresses", {"postal_code": "60601"})
    for code in ("10001", "60601"):
        found = world.get(f"/debt-accounts/lookup?lookup_flow_type=phone_postal_code&phone={body['phone']}&postal_code={code}").is_(200).data
        expect([row["id"] for row in found] == [debt], found)


@case(IS, "ours", "ssn_last4 without its leading zeros; names without case, accents and punctuation; what is found is whole")
def _(world):
    body, debt = person(world)
    asked = {"lookup_flow_type": "first_name_last_name_ssn_last4", "first_name": body["first_name"].upper(), "last_name": "oconnor",
             "ssn_last4": 42}
    found = world.post("/debt-accounts/lookup", asked).is_(200).data
    expect([row["id"] for row in found] == [debt], found)
    has(found[0], "id customer location balance current_balance status", "what is found")


@case(IS, "ours", "children, and accounts of an archived customer, are not found")
def _(world):
    body, debt = person(world)
    ask = lambda: [row["id"] for row in world.post("/debt-accounts/lookup", {**body, "lookup_flow_type": "phone_ssn_last4"}).is_(200).data]
    shown = world.get(f"/debt-accounts/{debt}").is_(200).data
    parent = world.debt(0, customer_id=shown["customer"]["id"])
    world.put(f"/debt-accounts/{debt}", {"parent_external_id": parent["external_id"]}).is_(200)
    expect(ask() == [parent["id"]], ask())
    world.put(f"/customers/{shown['customer']['id']}", {"status": "archived"}).is_(200)
    expect(ask() == [], ask())


@case(IS, "ours", "after five failures in an hour for one phone: 429 with Retry-After, until it is unlocked")
def _(world):
    body, debt = person(world)
    ask = lambda proof: world.post("/debt-accounts/lookup", {"lookup_flow_type": "phone_ssn_last4", "phone": body["phone"], "ssn_last4": proof})
    for _ in range(5):
        ask("0043").is_(200)
    expect(int(ask("0042").is_(429).headers["Retry-After"]) > 0, "no Retry-After")
    world.post("/debt-accounts/lookup/unlock", {"phone": body["phone"]}).is_(200)
    expect([row["id"] for row in ask("0042").is_(200).data] == [debt], "not found")
