"""Debt accounts, their nesting and lookup, locations."""

from cases import case, expect, parameters, shape

IS, GUIDE = "debt accounts", "guide Debt Accounts"
PRINTED = ("id external_id parent_external_id customer billing_type balance current_balance external_company_id created_at rules "
           "location locations transactions payment_plan charges external_account_number external_status status metadata")

FIELDS = [
    ("external_id", False, ["<fresh>"], "external_id", []),
    ("billing_type", False, [["partial-payment"], ["full-amount-payment", "payment-plan"]], "billing_type", [["sometimes"]]),
    ("external_account_number", False, ["ACC-7"], "external_account_number", []),
    ("current_balance", False, [5_000, ("5000", 5_000)], "current_balance", ["much", -1]),
    ("status", False, ["active", "archived", "closed", "locked"], "status", ["lost"]),
    ("external_status", False, ["in dispute"], "external_status", []),
    ("rules", False, [({"min_payment_amount": 500}, {"min_payment_amount": 500})], "rules", [{"min_payment_amount": 99}, {"unknown": 1}]),
    ("metadata", False, [({"key": "value"}, [{"attribute": "key", "value": "value"}])], "metadata", [{"key": "x" * 256}]),
]


def new(world):
    return {"customer_id": world.once("owner", world.customer)["id"], "balance": 10_000}


parameters(IS, GUIDE, "POST", lambda w: "/debt-accounts", new, [
    ("balance", True, [10_000, ("10000", 10_000)], "balance", ["much", -1, 10.5]), *FIELDS])
parameters(IS, GUIDE, "PUT", lambda w: f"/debt-accounts/{w.debt()['id']}", lambda w: {},
           [("balance", False, [60_000], "balance", ["much", -1]), *FIELDS])
shape(IS, GUIDE, "a created account", lambda w: w.debt(), PRINTED)
shape(IS, GUIDE, "a listed account", lambda w: w.debt() and w.get("/debt-accounts?limit=1").is_(200).data[0], PRINTED)
shape(IS, "AE", "an account of the OpenAPI file", lambda w: w.made("/debt_accounts", {
    "customer_id": w.customer()["id"], "original_balance": 8_000, "account_number": "A-1", "description": "An invoice"}),
      "id customer_id account_number original_balance current_balance status created_at")


@case(IS, GUIDE, "customer_id is required, and takes our id or the caller's")
def _(world):
    world.post("/debt-accounts", {"balance": 1_000}).refuses("customer_id")
    customer = world.customer()
    for which in (customer["id"], customer["external_id"]):
        expect(world.made("/debt-accounts", {"customer_id": which, "balance": 1})["customer"]["id"] == customer["id"], which)
    world.post("/debt-accounts", {"customer_id": "nobody", "balance": 1}).refuses("customer_id")


@case(IS, GUIDE, "current_balance is balance where it is not sent")
def _(world):
    expect(world.debt(7_000)["current_balance"] == 7_000, "it is not")


@case(IS, GUIDE, "an unknown location_id needs location_name, and makes the location")
def _(world):
    ours = world.fresh("loc")
    body = {**new(world), "location_id": ours}
    world.post("/debt-accounts", body).refuses("location_name")
    made = world.made("/debt-accounts", {**body, "location_name": f"Bank {ours}"})
    expect(made["location"]["external_id"] == ours, made["location"])
    again = world.made("/debt-accounts", body)
    expect(again["location"]["id"] == made["location"]["id"], "another location was made")
    expect(made["location"]["type"] == "original_creditor", made["location"])


@case(IS, GUIDE, "further locations, in their order; PUT replaces the set")
def _(world):
    names = [world.fresh("Bank") for _ in range(3)]
    locations = [{"name": names[0], "external_id": world.fresh("loc"), "type": "current_creditor"}, {"name": names[1]}]
    debt = world.debt(locations=locations)
    expect([x["name"] for x in debt["locations"]] == names[:2], debt["locations"])
    expect(debt["locations"][0]["type"] == "current_creditor", debt["locations"])
    after = world.put(f"/debt-accounts/{debt['id']}", {"locations": [{"name": names[2]}]}).is_(200).data
    expect([x["name"] for x in after["locations"]] == names[2:], after["locations"])


@case(IS, GUIDE, "payment_plan: frequency goes with start_date, and amount may stand alone")
def _(world):
    world.post("/debt-accounts", {**new(world), "payment_plan": {"frequency": "weekly"}}).refuses("payment_plan")
    world.post("/debt-accounts", {**new(world), "payment_plan": {"start_date": world.day(3)}}).refuses("payment_plan")
    expect(world.debt(payment_plan={"amount": "1000"})["payment_plan"]["amount"] == 1_000, "the amount is another")
    for frequency in ("weekly", "every_other_week", "monthly", "last_of_month"):
        plan = world.debt(payment_plan={"frequency": frequency, "start_date": world.day(3), "amount": 1_000})["payment_plan"]
        expect((plan["frequency"], plan["start_date"]) == (frequency, world.day(3)), plan)


@case(IS, GUIDE, "a parent is the sum of its children, at creation and after each change and deletion")
def _(world):
    parent = world.debt(0)
    child = lambda balance: world.debt(balance, customer_id=parent["customer"]["id"], parent_external_id=parent["external_id"])
    first, second = child(3_000), child(2_000)
    told = lambda: tuple(world.get(f"/debt-accounts/{parent['id']}").is_(200).data[key] for key in ("balance", "current_balance"))
    expect(told() == (5_000, 5_000), told())
    expect(first["parent_external_id"] == parent["external_id"], first)
    world.put(f"/debt-accounts/{first['id']}", {"current_balance": 1_000}).is_(200)
    expect(told() == (5_000, 3_000), told())
    world.delete(f"/debt-accounts/{second['id']}").is_(200)
    expect(told() == (3_000, 1_000), told())
    world.post("/debt-accounts", {**new(world), "parent_external_id": "nobody"}).refuses("parent_external_id")


@case(IS, GUIDE, "rules: a null value deletes the key, a null whole all")
def _(world):
    path = f"/debt-accounts/{world.debt(rules={'min_payment_amount': 500})['id']}"
    expect(world.put(path, {"rules": {"min_payment_amount": None}}).is_(200).data["rules"] == {}, "the key is still there")
    world.put(path, {"rules": {"min_payment_amount": 700}}).is_(200)
    expect(world.put(path, {"rules": None}).is_(200).data["rules"] == {}, "the rules are still there")


@case(IS, GUIDE, "GET, PUT and DELETE by external_id")
def _(world):
    path = f"/debt-accounts/{world.debt()['external_id']}"
    world.get(path).is_(200)
    world.put(path, {"external_status": "x"}).is_(200)
    expect(world.delete(path).is_(200).json["success"] is True, "no success")
    world.get(path).is_(404)


@case(IS, GUIDE, "what a status allows: only an active account takes a payment")
def _(world):
    customer, debt, method = world.payer()
    for status in ("archived", "closed", "locked"):
        world.put(f"/debt-accounts/{debt}", {"status": status}).is_(200)
        world.post("/charges", {"amount": 100, "debt_account_id": debt, "payment_method_id": method}).is_(400)
    world.put(f"/debt-accounts/{debt}", {"status": "active"}).is_(200)
    world.post("/charges", {"amount": 100, "debt_account_id": debt, "payment_method_id": method}).is_(201)


@case(IS, "docs/API.md", "the other spelling's words: active, resolved, closed")
def _(world):
    debt = world.debt()["id"]
    for exact, coarse in (("active", "active"), ("locked", "active"), ("archived", "closed"), ("closed", "closed")):
        world.put(f"/debt-accounts/{debt}", {"status": exact}).is_(200)
        seen = world.get(f"/debt_accounts/{debt}").is_(200).data
        expect((seen["status"], seen["state"]) == (coarse, exact), seen["status"])


LOOK = "lookup"


def person(world, **more):
    number = f"212-555-{int(world.fresh('x')[2:8], 16) % 10_000:04}"
    body = {"first_name": world.fresh("Siobhan"), "last_name": "O'Connor", "phone": number, "ssn_last4": "0042",
            "date_of_birth": "1988-09-17", "address": {"postal_code": "10001"}, **more}
    customer = world.made("/customers", body)
    return body, world.debt(customer_id=customer["id"])["id"]


FLOWS = {
    "phone_ssn_last4": ("phone", "ssn_last4"),
    "phone_date_of_birth": ("phone", "date_of_birth"),
    "phone_postal_code": ("phone", "postal_code"),
    "first_name_last_name_ssn_last4": ("first_name", "last_name", "ssn_last4"),
    "first_name_last_name_date_of_birth": ("first_name", "last_name", "date_of_birth"),
}
WRONG = {"ssn_last4": "0043", "date_of_birth": "1988-09-18", "postal_code": "10002"}
for flow, fields in FLOWS.items():
    def look(world, flow=flow, fields=fields):
        world.put("/organization", {"lookup": {"flows": list(FLOWS), "failures_a_day": 1_000_000}})
        body, debt = person(world)
        told = {**body, "postal_code": "10001"}
        asked = {"lookup_flow_type": flow, **{field: told[field] for field in fields}}
        import urllib.parse
        query = urllib.parse.urlencode(asked)
        found = world.get(f"/debt-accounts/lookup?{query}").is_(200).data
        expect([x["id"] for x in found] == [debt], f"found {[x['id'] for x in found]}")
        expect(found[0]["customer"]["first_name"] == body["first_name"], "without its customer")
        wrong = {**asked, fields[-1]: WRONG[fields[-1]]}
        nobody = {**asked, fields[0]: "212-555-9999" if fields[0] == "phone" else "Nobody"}
        answers = [world.post("/debt-accounts/lookup", body).is_(200).text for body in (wrong, nobody)]
        expect(answers[0] == answers[1], "a wrong proof and an unknown person are told apart")
        expect(world.post("/debt-accounts/lookup", wrong).is_(200).data == [], "found by a wrong proof")
    case(LOOK, f"{GUIDE}; ours (the reply)", f"{flow} finds, and a wrong proof does not")(look)

    def asks(world, flow=flow, fields=fields):
        errors = world.get(f"/debt-accounts/lookup?lookup_flow_type={flow}").is_(422).json["errors"]
        expect(sorted(errors) == sorted(fields), errors)
        expect(errors[fields[0]] == [f"The {fields[0].replace('_', ' ')} field is required when lookup flow type is {flow}."], errors)
    case(LOOK, GUIDE, f"{flow} asks for {', '.join(fields)}")(asks)


@case(LOOK, GUIDE, "lookup_flow_type is required, and one of five")
def _(world):
    world.get("/debt-accounts/lookup").refuses("lookup_flow_type")
    world.get("/debt-accounts/lookup?lookup_flow_type=shoe_size").refuses("lookup_flow_type")


PLACE = "locations"
parameters(PLACE, "D-locations", "POST", lambda w: "/locations", lambda w: {"name": w.fresh("Bank")}, [
    ("name", True, ["<fresh>"], "name", []),
    ("type", False, ["original_creditor", "current_creditor", "product_type"], "type", ["planet"]),
    ("external_id", False, ["<fresh>"], "external_id", []),
    ("metadata", False, [({"key": "value"}, [{"attribute": "key", "value": "value"}])], "metadata", []),
])
shape(PLACE, "D-locations", "a location", lambda w: w.made("/locations", {"name": w.fresh("Bank")}), "id name type external_id metadata")


@case(PLACE, "D-locations", "original_creditor unless said; name and type together are unique")
def _(world):
    name = world.fresh("Bank")
    expect(world.made("/locations", {"name": name})["type"] == "original_creditor", "another type")
    world.post("/locations", {"name": name}).refuses("name")
    world.made("/locations", {"name": name, "type": "product_type"})


@case(PLACE, "D-locations", "PUT by id and external_id; GET, list and DELETE")
def _(world):
    ours, name = world.fresh("loc"), world.fresh("Bank")
    made = world.made("/locations", {"name": name, "external_id": ours})
    expect(world.put(f"/locations/{ours}", {"name": f"{name} 2"}).is_(200).data["name"] == f"{name} 2", "unchanged")
    expect(world.get(f"/locations/{made['id']}").is_(200).data["external_id"] == ours, "another one")
    expect(world.get("/locations?limit=1").is_(200).data[0]["id"] == made["id"], "the newest is not first")
    world.delete(f"/locations/{made['id']}").is_(200)
    world.get(f"/locations/{made['id']}").is_(404)
