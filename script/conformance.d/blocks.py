"""Blocks: what holds a customer, an account or a payment method. The OpenAPI file has the word, the rest is ours."""

from cases import case, expect, has, parameters, shape

IS, OURS = "blocks", "AE (the tag); ours"
SHOWN = ("id customer_id debt_account_id payment_method_id reason kind effects note evidence reviewer review_on starts_at ends_at "
         "active lifted_at lift_reason created_at")


def placed(world, reason="hardship", **on):
    on = on or {"customer_id": world.customer()["id"]}
    return world.made("/blocks", {"reason": reason, **on})


def new(world):
    return {"customer_id": world.customer()["id"], "reason": "hardship"}


REASONS = """bankruptcy_chapter_7 bankruptcy_chapter_11 bankruptcy_chapter_12 bankruptcy_chapter_13 bankruptcy_discharged deceased
cease_and_desist attorney_represented contact_preference wrong_party dispute identity_theft scra_active_duty litigation garnishment
credit_counseling hardship disaster creditor_recall paid_to_client pending_insurance litigious_consumer vip minor ofac time_barred other""".split()
parameters(IS, OURS, "POST", lambda w: "/blocks", new, [
    ("reason", True, REASONS, "reason", ["because"]),
    ("customer_id", True, [], None, ["nobody"]),
    ("note", False, ["They called."], "note", [7]),
    ("evidence", False, ["A letter of May 3"], "evidence", [7]),
    ("reviewer", False, ["legal"], "reviewer", [7]),
    ("review_on", False, ["2030-01-31"], "review_on", ["soon"]),
    ("starts_at", False, ["2030-01-31T00:00:00Z"], "starts_at", ["soon"]),
    ("ends_at", False, ["2030-01-31T00:00:00Z"], "ends_at", ["soon", "2020-01-01T00:00:00Z"]),
])
parameters(IS, OURS, "PUT", lambda w: f"/blocks/{placed(w)['id']}", lambda w: {}, [
    ("note", False, ["They called."], "note", [7]),
    ("evidence", False, ["A letter of May 3"], "evidence", [7]),
    ("reviewer", False, ["legal"], "reviewer", [7]),
    ("review_on", False, ["2030-01-31"], "review_on", ["soon"]),
    ("ends_at", False, ["2030-01-31T00:00:00Z"], "ends_at", ["soon"]),
])
shape(IS, OURS, "a block", placed, SHOWN)


@case(IS, OURS, "reasons: each with what it stops, and by which law")
def _(world):
    reasons = {row["reason"]: row for row in world.get("/blocks/reasons").is_(200).data}
    expect(set(REASONS) <= reasons.keys(), sorted(set(REASONS) ^ reasons.keys()))
    for row in reasons.values():
        has(row["effects"], "visible pays applies autopay contact report", row["reason"])
        expect(row["source"], row)


@case(IS, OURS, "on exactly one of a customer, an account and a payment method")
def _(world):
    customer, debt, method = world.payer()
    world.post("/blocks", {"reason": "other"}).refuses("customer_id")
    world.post("/blocks", {"reason": "other", "customer_id": customer, "debt_account_id": debt}).refuses("customer_id")
    for name, value in (("customer_id", customer), ("debt_account_id", debt), ("payment_method_id", method)):
        told = placed(world, "other", **{name: value})
        expect((told[name], told["customer_id"]) == (value, customer), told)
        expect(world.get(f"/blocks/{told['id']}").is_(200).data["active"] is True, "it is not in force")


@case(IS, OURS, "one without starts_at is in force at once, as its own reply says")
def _(world):
    told = placed(world)
    expect(told["active"] is True, f"active is {told['active']} in the reply of POST, with starts_at {told['starts_at']}")


@case(IS, OURS, "a payment that is stopped: 400 blocked, naming the kind and nothing else; lifted it goes")
def _(world):
    _, debt, method = world.payer()
    block = placed(world, "identity_theft", debt_account_id=debt)
    world.put(f"/blocks/{block['id']}", {"note": "The daughter used her card."}).is_(200)
    refused = world.pay(debt, method, 100).is_(400)
    expect(refused.json["errorCode"] == "blocked" and block["kind"] in refused.text, refused.text)
    expect("daughter" not in refused.text and "identity_theft" not in refused.text, refused.text)
    world.post(f"/blocks/{block['id']}/lift", {"reason": "a mistake"}).is_(200)
    world.pay(debt, method, 100).is_(201)


@case(IS, OURS, "it reaches what it is on: a customer's accounts, an account, a method")
def _(world):
    customer, debt, method = world.payer()
    other, second = world.debt(customer_id=customer)["id"], world.method(customer)
    ways = [(debt, method), (debt, second), (other, method), (other, second)]
    for on, stopped in (({"customer_id": customer}, ways), ({"debt_account_id": debt}, ways[:2]), ({"payment_method_id": method}, ways[::2])):
        block = placed(world, "identity_theft", **on)
        for way in ways:
            world.pay(*way, 100).is_(400 if way in stopped else 201)
        world.delete(f"/blocks/{block['id']}").is_(200)


@case(IS, OURS, "in a bankruptcy of chapter 13 the trustee may pay")
def _(world):
    customer, debt, method = world.payer()
    placed(world, "bankruptcy_chapter_13", customer_id=customer)
    for payer, answer in (("customer", 400), ("estate", 400), ("trustee", 201)):
        world.pay(debt, method, 100, payer=payer).is_(answer)


@case(IS, OURS, "a payment on a parent passes over a disputed account under it, which can be paid by name")
def _(world):
    customer, parent, method = world.payer(0)
    external = world.get(f"/debt-accounts/{parent}").is_(200).data["external_id"]
    disputed, clear = (world.debt(balance, customer_id=customer, parent_external_id=external)["id"] for balance in (6_000, 4_000))
    placed(world, "dispute", debt_account_id=disputed)
    world.pay(parent, method, 4_001).refuses("amount")
    world.pay(parent, method, 4_000).is_(201)
    expect((world.owed(disputed), world.owed(clear)) == (6_000, 0), (world.owed(disputed), world.owed(clear)))
    world.pay(disputed, method, 1_000).is_(201)


@case(IS, OURS, "one that lets nobody pay lets no plan or offer be made, and no link lead to what it hides")
def _(world):
    debt = world.debt(60_000)["id"]
    placed(world, "creditor_recall", debt_account_id=debt)
    world.post("/payment-plans", {"debt_account_id": debt, "amount": 10_000, "frequency": "monthly", "start_date": world.day(5)}).is_(400)
    world.post("/settlement-offers", {"debt_account_id": debt, "type": "plan", "discount_percent": 10}).is_(400)
    world.post("/customer-sessions", {"debt_account_id": debt}).is_(400)


@case(IS, OURS, "before its start and after its end it holds nothing")
def _(world):
    _, debt, method = world.payer()
    early = placed(world, "other", debt_account_id=debt, starts_at="2030-01-31T00:00:00Z")
    expect(early["active"] is False, early)
    world.pay(debt, method, 100).is_(201)


@case(IS, OURS, "lifting never erases: who did what stays; lifted it stays as it is")
def _(world):
    path = f"/blocks/{placed(world)['id']}"
    world.put(path, {"note": "They called."}).is_(200)
    for _ in range(2):
        world.post(f"{path}/lift", {"reason": "it is over"}).is_(200)
    told = world.get(path).is_(200).data
    expect((told["active"], told["lift_reason"], [h["what"] for h in told["history"]])
           == (False, "it is over", ["placed", "changed", "lifted"]), told)
    world.put(path, {"note": "again"}).is_(400)


for name in ("customer_id", "debt_account_id", "payment_method_id", "reason", "active"):
    def found(world, name=name):
        customer, debt, method = world.payer()
        on = {"customer_id": customer, "debt_account_id": debt, "payment_method_id": method}
        block = placed(world, "vip", **{name: on[name]} if name in on else {"customer_id": customer})
        value = {"reason": "vip", "active": "true"}.get(name) or on[name]
        rows = [row["id"] for row in world.get(f"/blocks?limit=500&{name}={value}").is_(200).data]
        expect(block["id"] in rows and (name not in on or rows == [block["id"]]), rows)
    case(IS, OURS, f"the list by {name}")(found)


DISPUTE, WHY = "disputes", "api-facts 6 (disputes, documents); ours"


def disputed(world, **more):
    return world.made("/debt-account-disputes", {"debt_account_id": world.debt()["id"], **more})


parameters(DISPUTE, WHY, "POST", lambda w: "/debt-account-disputes", lambda w: {"debt_account_id": w.debt()["id"]}, [
    ("debt_account_id", True, [], None, ["nobody"]),
    ("kind", False, ["whole"], "kind", ["half"]),
    ("reasons", False, [["not_my_debt"], ["wrong_amount", "already_paid"], ["settled", "too_old", "other"]], "reasons", [["because"]]),
    ("description", False, ["I paid in May."], "description", [7]),
    ("received_on", False, ["2026-01-31"], "received_on", ["soon"]),
])
shape(DISPUTE, WHY, "a dispute", disputed,
      "id customer_id debt_account_id kind amount reasons description status received_on block_id answered_at closed_at answers created_at")


@case(DISPUTE, WHY, "of a part it says how much, at most what is owed")
def _(world):
    body = {"debt_account_id": world.debt(6_000)["id"], "kind": "part"}
    world.post("/debt-account-disputes", body).refuses("amount")
    world.post("/debt-account-disputes", {**body, "amount": 6_001}).refuses("amount")
    expect(world.made("/debt-account-disputes", {**body, "amount": 2_000})["amount"] == 2_000, "another amount")


for outcome in ("upheld", "rejected", "withdrawn"):
    @case(DISPUTE, WHY, f"it blocks its account until it is {outcome}; an answer ends nothing; ended it stays as it is")
    def _(world, outcome=outcome):
        made = disputed(world)
        path, is_held = f"/debt-account-disputes/{made['id']}", lambda: world.get(f"/blocks/{made['block_id']}").is_(200).data["active"]
        expect((made["status"], is_held()) == ("open", True), made)
        answered = world.post(f"{path}/answers", {"message": "Here is the statement."}).is_(201).data
        expect((answered["status"], answered["answers"][0]["message"], is_held()) == ("answered", "Here is the statement.", True), answered)
        ended = world.put(path, {"status": outcome}).is_(200).data
        expect((ended["status"], ended["closed_at"] is not None, is_held()) == (outcome, True, False), ended)
        world.put(path, {"status": {"upheld": "rejected"}.get(outcome, "upheld")}).is_(400)
        world.post(f"{path}/answers", {"message": "More."}).is_(400)


@case(DISPUTE, WHY, "one that repeats an earlier one is answered by naming it")
def _(world):
    first = disputed(world)
    second = world.made("/debt-account-disputes", {"debt_account_id": first["debt_account_id"]})
    answer = lambda dispute, **more: world.post(f"/debt-account-disputes/{dispute['id']}/answers", {"message": "Verified.", **more})
    answer(second, duplicate_of=first["id"]).refuses("duplicate_of")
    answer(first).is_(201)
    expect(answer(second, duplicate_of=first["id"]).is_(201).data["duplicate_of"] == first["id"], "it is not named")


for name in ("customer_id", "debt_account_id", "status"):
    def found(world, name=name):
        made = disputed(world)
        rows = [row["id"] for row in world.get(f"/debt-account-disputes?limit=500&{name}={made[name]}").is_(200).data]
        expect(made["id"] in rows and (name == "status" or rows == [made["id"]]), rows)
    case(DISPUTE, WHY, f"the list by {name}")(found)
