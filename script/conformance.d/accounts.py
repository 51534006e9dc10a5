"""Debt accounts."""

from cases import case, expect, has, parameters, shape
from people import person
from printed import DEBT_ACCOUNT

IS, GUIDE = "debt accounts", "guide Debt Accounts"

FIELDS = [
    ("external_id", False, ["<fresh>"], "external_id", []),
    ("billing_type", False, [["partial-payment"], ["full-amount-payment", "payment-plan"],
                             ["partial-payment", "full-amount-payment", "payment-plan"]],
     "billing_type", [["sometimes"], ["one-time"], ["promise-to-pay"]]),
    ("external_account_number", False, ["ACC-7"], "external_account_number", []),
    ("current_balance", False, [5_000, ("5000", 5_000)], "current_balance", ["much", -1]),
    ("status", False, ["active", "archived", "closed", "locked"], "status", ["lost"]),
    ("external_status", False, ["in dispute"], "external_status", []),
    ("external_company_id", False, ["co-9"], "external_company_id", []),
    ("description", False, ["An invoice"], "description", []),
    ("rules", False, [({"min_payment_amount": 500}, {"min_payment_amount": 500}),
                      ({"min_payment_amount": "100"}, {"min_payment_amount": 100})], "rules",
                      [{"min_payment_amount": 99}, {"min_payment_amount": "much"}, {"unknown": 1}]),
    ("metadata", False, [({"key": "value"}, [{"attribute": "key", "value": "value"}])], "metadata", [{"key": "x" * 256}, {"k" * 256: "x"}]),
]


def new(world):
    return {"customer_id": world.once("owner", world.customer)["id"], "balance": 10_000}


parameters(IS, GUIDE, "POST", lambda w: "/debt-accounts", new, [
    ("balance", True, [10_000, ("10000", 10_000)], "balance", ["much", -1, 10.5]), *FIELDS])
parameters(IS, GUIDE, "PUT", lambda w: f"/debt-accounts/{w.debt()['id']}", lambda w: {},
           [("balance", False, [60_000], "balance", ["much", -1]), *FIELDS])
shape(IS, GUIDE, "a created account", lambda w: w.debt(), DEBT_ACCOUNT)
shape(IS, GUIDE, "a listed account", lambda w: w.debt() and w.get("/debt-accounts?limit=1").is_(200).data[0], DEBT_ACCOUNT)
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


@case(IS, "ours", "a PUT of balance moves current_balance by as much, and not below 0; without it nothing moves")
def _(world):
    path = f"/debt-accounts/{world.debt(7_000, current_balance=5_000)['id']}"
    told = lambda body: tuple(world.put(path, body).is_(200).data[key] for key in ("balance", "current_balance"))
    expect(told({"balance": 8_000}) == (8_000, 6_000), "by as much")
    expect(told({"external_status": "x"}) == (8_000, 6_000), "nothing")
    expect(told({"balance": 1_000}) == (1_000, 0), "not below 0")


@case(IS, GUIDE, "paid_off where nothing is owed, and active again where something is")
def _(world):
    path = f"/debt-accounts/{world.debt(7_000)['id']}"
    expect(world.put(path, {"current_balance": 0}).is_(200).data["status"] == "paid_off", "not paid off")
    expect(world.put(path, {"current_balance": 1}).is_(200).data["status"] == "active", "not active")


@case(IS, "guide Debt Accounts (its curl line)", "a PUT of customer_id gives the account to another customer")
def _(world):
    debt, other = world.debt(), world.customer()
    for which in ("external_id", "id"):
        after = world.put(f"/debt-accounts/{debt['id']}", {"customer_id": other[which]}).is_(200).data
        expect((after["customer_id"], after["customer"]["id"]) == (other["id"], other["id"]), after["customer"])
    world.put(f"/debt-accounts/{debt['id']}", {"customer_id": "nobody"}).refuses("customer_id")


@case(IS, "api-facts 1.2", "the customer stands in the reply, and what belongs to the account")
def _(world):
    debt = world.debt()
    has(debt["customer"], "id external_id name email", "the customer")
    kinds = {key: type(debt[key]).__name__ for key in "billing_type rules locations transactions charges metadata".split()}
    expect(kinds == {"billing_type": "list", "rules": "dict", "locations": "list", "transactions": "list", "charges": "list",
                     "metadata": "list"}, kinds)


for method, what in (("POST", "created with"), ("PUT", "given")):
    def send(world, body, method=method):
        path = "/debt-accounts" if method == "POST" else f"/debt-accounts/{world.debt()['id']}"
        return world.ask(method, path, {**new(world), **body})

    @case(IS, GUIDE, f"{what} a location_id that is known, ours or the caller's")
    def _(world, send=send):
        place = world.made("/locations", {"name": world.fresh("Bank"), "external_id": world.fresh("loc")})
        for which in ("id", "external_id"):
            told = send(world, {"location_id": place[which]}).is_(200, 201).data["location"]
            expect(told["id"] == place["id"], told)

    @case(IS, GUIDE, f"{what} a location_id that is unknown: location_name is required, and makes the location")
    def _(world, send=send):
        mine = world.fresh("loc")
        send(world, {"location_id": mine}).refuses("location_name")
        made = send(world, {"location_id": mine, "location_name": f"Bank {mine}"}).is_(200, 201).data["location"]
        expect((made["external_id"], made["name"]) == (mine, f"Bank {mine}"), made)
        expect(send(world, {"location_id": mine}).is_(200, 201).data["location"]["id"] == made["id"], "another location was made")

    @case(IS, "api-facts 1.2, 8.11", f"{what} location_type: original_creditor unless said")
    def _(world, send=send):
        for kind in (None, "original_creditor", "current_creditor", "product_type"):
            mine = world.fresh("loc")
            body = {"location_id": mine, "location_name": f"Bank {mine}", **({"location_type": kind} if kind else {})}
            expect(send(world, body).is_(200, 201).data["location"]["type"] == (kind or "original_creditor"), kind)
        send(world, {"location_id": world.fresh("loc"), "location_name": "Bank", "location_type": "planet"}).refuses("location_type")


@case(IS, "guide Debt Accounts (its curl line)", "location_id may be missing")
def _(world):
    expect(world.debt()["location"] is None, "there is one")


@case(IS, GUIDE, "further locations, in their order; PUT replaces the set")
def _(world):
    names = [world.fresh("Bank") for _ in range(3)]
    locations = [{"name": names[0], "external_id": world.fresh("loc"), "type": "current_creditor"}, {"name": names[1]}]
    debt = world.debt(locations=locations)
    expect([x["name"] for x in debt["locations"]] == names[:2], debt["locations"])
    expect(debt["locations"][0]["type"] == "current_creditor", debt["locations"])
    after = world.put(f"/debt-accounts/{debt['id']}", {"locations": [{"name": names[2]}]}).is_(200).data
    expect([x["name"] for x in after["locations"]] == names[2:], after["locations"])
    world.put(f"/debt-accounts/{debt['id']}", {"locations": [{"external_id": "x"}]}).refuses("locations")
    world.put(f"/debt-accounts/{debt['id']}", {"locations": [{"name": "x", "type": "planet"}]}).refuses("locations")


@case(IS, GUIDE, "payment_plan: frequency goes with start_date, and amount may stand alone")
def _(world):
    world.post("/debt-accounts", {**new(world), "payment_plan": {"frequency": "weekly"}}).refuses("payment_plan")
    world.post("/debt-accounts", {**new(world), "payment_plan": {"start_date": world.day(3)}}).refuses("payment_plan")
    expect(world.debt(payment_plan={"amount": "1000"})["payment_plan"]["amount"] == 1_000, "the amount is another")
    for frequency in ("weekly", "every_other_week", "monthly", "last_of_month"):
        plan = world.debt(payment_plan={"frequency": frequency, "start_date": world.day(3), "amount": 1_000})["payment_plan"]
        expect((plan["frequency"], plan["start_date"]) == (frequency, world.day(3)), plan)
    for body in ({"frequency": "daily", "start_date": world.day(3)}, {"frequency": "weekly", "start_date": "soon"}, {"amount": "much"}):
        world.post("/debt-accounts", {**new(world), "payment_plan": body}).refuses("payment_plan")


@case(IS, GUIDE, "payment_plan: whatever is null or missing is left for the customer")
def _(world):
    for body in ({}, {"amount": None}, {"frequency": None, "start_date": None, "amount": 1_000}):
        world.debt(payment_plan=body)
    expect(world.debt(payment_plan={"frequency": None, "start_date": None, "amount": 1_000})["payment_plan"]["amount"] == 1_000,
           "the amount is another")


@case(IS, "ours", "payment_plan on PUT takes the place of a pending one, and is refused where one runs")
def _(world):
    customer, debt, method = world.payer()
    path, plan = f"/debt-accounts/{debt}", {"frequency": "weekly", "start_date": world.day(3), "amount": 1_000}
    for amount in (1_000, 2_000):
        expect(world.put(path, {"payment_plan": {**plan, "amount": amount}}).is_(200).data["payment_plan"]["amount"] == amount, "another amount")
    pending = world.get(path).data["payment_plan"]["id"]
    world.put(f"/payment-plans/{pending}", {**plan, "payment_method_id": method}).is_(200)
    world.put(path, {"payment_plan": {**plan, "amount": 3_000}}).is_(400)


@case(IS, "api-facts 8.23", "recurring_day and billing types of older pages are not taken")
def _(world):
    plan = world.debt(payment_plan={"frequency": "weekly", "start_date": world.day(3), "recurring_day": 5})["payment_plan"]
    expect("recurring_day" not in plan, plan)


@case(IS, GUIDE, "rules: a null value deletes the key, a null whole all")
def _(world):
    path = f"/debt-accounts/{world.debt(rules={'min_payment_amount': 500})['id']}"
    expect(world.put(path, {"rules": {"min_payment_amount": None}}).is_(200).data["rules"] == {}, "the key is still there")
    world.put(path, {"rules": {"min_payment_amount": 700}}).is_(200)
    expect(world.put(path, {"rules": None}).is_(200).data["rules"] == {}, "the rules are still there")


@case(IS, GUIDE, "rules through a form: an empty value deletes the key, an empty whole all")
def _(world):
    path = f"/debt-accounts/{world.debt()['id']}"
    told = lambda rules: world.put(path, {"rules": rules}, form=True).is_(200).data["rules"]
    for empty in ({"min_payment_amount": None}, None):
        expect(told({"min_payment_amount": 500}) == {"min_payment_amount": 500}, "not set")
        expect(told(empty) == {}, f"{empty} leaves them there")


for form in (False, True):
    @case(IS, GUIDE, f"metadata: PUT replaces a value, an empty value deletes its key, an empty whole all, {'form' if form else 'JSON'}")
    def _(world, form=form):
        path = f"/debt-accounts/{world.debt(metadata={'a': '1', 'b': '2'})['id']}"
        told = lambda metadata: {m["attribute"]: m["value"] for m in world.put(path, {"metadata": metadata}, form=form).is_(200).data["metadata"]}
        expect(told({"a": "3"}) == {"a": "3", "b": "2"}, "replacing")
        expect(told({"a": ""}) == {"b": "2"}, "deleting one")
        expect(told("") == {}, "deleting all")


@case(IS, GUIDE, "GET, PUT and DELETE by external_id")
def _(world):
    path = f"/debt-accounts/{world.debt()['external_id']}"
    world.get(path).is_(200)
    world.put(path, {"external_status": "x"}).is_(200)
    expect(world.delete(path).is_(200).json["success"] is True, "no success")
    world.get(path).is_(404)


#: What a status allows: to pay, to be opened by a link that was made before, to be found by lookup.
ALLOWS = {"active": (True, True, True), "archived": (False, False, False), "closed": (False, True, True), "locked": (False, False, False)}
for status, (pays, opens, found) in ALLOWS.items():
    @case(IS, GUIDE, f"status {status}: {'takes' if pays else 'takes no'} payment")
    def _(world, status=status, pays=pays):
        _, debt, method = world.payer()
        world.put(f"/debt-accounts/{debt}", {"status": status}).is_(200)
        world.pay(debt, method, 100).is_(201 if pays else 400)

    @case(IS, f"{GUIDE}; ours (how it is said)", f"status {status}: {'may' if opens else 'may not'} be viewed by a session")
    def _(world, status=status, opens=opens):
        debt = world.debt()["id"]
        ask = lambda: world.post("/customer-sessions", {"debt_account_id": debt})
        before = ask().is_(201).data["portal_url"]
        world.open(before).is_(200)
        world.put(f"/debt-accounts/{debt}", {"status": status}).is_(200)
        world.open(before).is_(200 if opens else 404)
        ask().is_(201 if opens else 400)

    @case(IS, f"{GUIDE}; ours (lookup)", f"status {status}: {'is' if found else 'is not'} found by lookup")
    def _(world, status=status, found=found):
        asked, debt = person(world)
        world.put(f"/debt-accounts/{debt}", {"status": status}).is_(200)
        rows = world.post("/debt-accounts/lookup", {**asked, "lookup_flow_type": "phone_ssn_last4"}).is_(200).data
        expect([row["id"] for row in rows] == [debt] * found, rows)


@case(IS, GUIDE, "status paid_off: may be viewed, and takes no payment")
def _(world):
    _, debt, method = world.payer(700)
    world.pay(debt, method, 700).is_(201)
    expect(world.get(f"/debt-accounts/{debt}").is_(200).data["status"] == "paid_off", "not paid off")
    world.open(world.made("/customer-sessions", {"debt_account_id": debt})["portal_url"]).is_(200)
    world.pay(debt, method, 100).is_(400, 422)


@case(IS, "ours", "an account with a running plan or a charge under way is not deleted: 400")
def _(world):
    _, debt, method = world.payer()
    charge = world.pay(debt, method, 100, scheduled_at=world.day(5)).is_(201).data["id"]
    world.delete(f"/debt-accounts/{debt}").is_(400)
    world.post(f"/charges/{charge}/cancel", {}).is_(200)
    world.delete(f"/debt-accounts/{debt}").is_(200)


@case(IS, "ours", "the other spelling's words: active, resolved, closed")
def _(world):
    debt = world.debt()["id"]
    for exact, coarse in (("active", "active"), ("locked", "active"), ("archived", "closed"), ("closed", "closed")):
        world.put(f"/debt-accounts/{debt}", {"status": exact}).is_(200)
        seen = world.get(f"/debt_accounts/{debt}").is_(200).data
        expect((seen["status"], seen["state"]) == (coarse, exact), seen["status"])


for name in ("customer_id", "location_id", "parent_external_id", "status", "external_id"):
    def found(world, name=name):
        place = world.fresh("loc")
        parent = world.debt(0)
        mine = world.debt(location_id=place, location_name=f"Bank {place}", customer_id=parent["customer"]["id"],
                          parent_external_id=parent["external_id"])
        value = {"customer_id": parent["customer"]["id"], "location_id": place}.get(name) or mine[name]
        rows = [row["id"] for row in world.get(f"/debt-accounts?limit=500&{name}={value}").is_(200).data]
        expect(mine["id"] in rows, "it is not there")
        # Of one customer there are two.
        expect(name == "status" or len(rows) == (2 if name == "customer_id" else 1), rows)
    case(IS, "ours", f"the list by {name}")(found)
