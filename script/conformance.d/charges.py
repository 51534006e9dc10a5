"""Charges: payments now, later, and without an account; and their receipts."""

import methods
from cases import World, case, eventually, expect, has, parameters, shape

IS, TABLE = "charges", "D-charges"
OPENAPI = "id amount status payment_method_id debt_account_id created_at"


def new(world):
    customer, debt, method = world.once("payer", lambda: world.payer(100_000_000))
    return {"amount": 700, "debt_account_external_id": debt, "payment_method_id": method}


def without_method(world, **method):
    body = new(world)
    del body["payment_method_id"]
    return {**body, **method}


parameters(IS, TABLE, "POST", lambda w: "/charges", new, [
    ("amount", True, [700, ("700", 700)], "amount", ["much", 0, -1, 7.5]),
    ("scheduled_at", False, [], None, ["2020-01-01", "soon"]),
    ("linked_debt_account", False, [True, False], None, ["perhaps"]),
    ("email", False, ["receipt@example.com"], None, ["nobody"]),
    ("send_email", False, [True, False], None, ["perhaps"]),
    ("debt_account_external_id", False, [], None, ["nobody"]),
    ("payment_method_id", True, [], None, ["nobody"]),
    ("description", False, ["For the invoice"], "description", []),
    ("payer", False, ["customer", "trustee", "estate"], None, ["the bank"]),
])
for name, rows, own in (("card", methods.CARD, World.CARD), ("ach", methods.BANK_ACCOUNT, World.ACH)):
    parameters(IS, f"{TABLE} ({name})", "POST", lambda w: "/charges", lambda w, method={name: own}: without_method(w, **method),
               [(field, is_required, good, None, bad) for field, is_required, good, _, bad in rows])
shape(IS, "AE", "a charge of the OpenAPI file", lambda w: w.made("/charges", new(w)), OPENAPI)


@case(IS, TABLE, "a card or a bank account may come with the charge; two of them may not")
def _(world):
    world.post("/charges", without_method(world, card=world.CARD)).is_(201)
    world.post("/charges", without_method(world, ach=world.ACH)).is_(201)
    world.post("/charges", without_method(world, card=world.CARD, ach=world.ACH)).is_(422)
    world.post("/charges", without_method(world), form=True).is_(422)
    world.post("/charges", without_method(world, card=world.CARD), form=True).is_(201)


@case(IS, TABLE, "without an account")
def _(world):
    body = new(world)
    del body["debt_account_external_id"]
    expect("debt_account_id" not in world.post("/charges", body).is_(201).data, "it has an account")


@case(IS, TABLE, "linked_debt_account=false records the charge and leaves the balance")
def _(world):
    _, debt, method = world.payer(10_000)
    body = {"amount": 700, "debt_account_id": debt, "payment_method_id": method, "linked_debt_account": False}
    world.post("/charges", body).is_(201)
    expect(world.get(f"/debt-accounts/{debt}").is_(200).data["current_balance"] == 10_000, "the balance moved")


@case(IS, TABLE, "scheduled for a later day, and canceled")
def _(world):
    charge = world.post("/charges", {**new(world), "scheduled_at": world.day(5)}).is_(201).data
    expect((charge["status"], charge["scheduled"]) == ("pending", True), charge)
    after = world.post(f"/charges/{charge['id']}/cancel", {}).is_(200).data
    expect((after["status"], after["state"]) == ("failed", "canceled"), after)


@case(IS, "AE 400; ours (the charge under data)", "a declined card: 400, with the charge")
def _(world):
    answer = world.post("/charges", without_method(world, token="tok_insufficient_funds")).is_(400)
    expect(answer.json["errorCode"] == "charge_declined" and answer.data["status"] == "failed", answer.text)


@case(IS, "ours", "the balance falls by the charge and rises by its refund, in parts")
def _(world):
    _, debt, method = world.payer(10_000)
    balance = lambda: world.get(f"/debt-accounts/{debt}").is_(200).data["current_balance"]
    charge = world.made("/charges", {"amount": 4_000, "debt_account_id": debt, "payment_method_id": method})["id"]
    expect(balance() == 6_000, balance())
    refunded = world.post(f"/charges/{charge}/refund", {"amount": 1_500}).is_(200).data
    expect(refunded["refunded_amount"] == 1_500 and balance() == 7_500, (refunded, balance()))
    world.post(f"/charges/{charge}/refund", {"amount": 2_501}).refuses("amount")
    expect(world.post(f"/charges/{charge}/refund", {}).is_(200).data["status"] == "refunded", "not refunded")
    expect(balance() == 10_000, balance())


@case(IS, "ours", "above what is owed, and below the least payment: 422; the whole balance always goes")
def _(world):
    _, debt, method = world.payer(10_000)
    world.put(f"/debt-accounts/{debt}", {"rules": {"min_payment_amount": 2_000}}).is_(200)
    pay = lambda amount: world.post("/charges", {"amount": amount, "debt_account_id": debt, "payment_method_id": method})
    pay(10_001).refuses("amount")
    pay(1_999).refuses("amount")
    pay(9_000).is_(201)
    pay(1_000).is_(201)
    expect(world.get(f"/debt-accounts/{debt}").is_(200).data["status"] == "paid_off", "not paid off")


@case(IS, "ours", "another customer's method: 422")
def _(world):
    _, debt, _ = world.payer()
    world.post("/charges", {"amount": 100, "debt_account_id": debt, "payment_method_id": world.payer()[2]}).refuses("payment_method_id")


@case(IS, "D-payment-plans", "what the list and one charge show: charge_date, scheduled, charged_at")
def _(world):
    charge = world.made("/charges", new(world))
    one = world.get(f"/charges/{charge['id']}").is_(200).data
    has(one, "charge_date amount scheduled charged_at", "a charge")
    listed = world.get(f"/charges?debt_account_id={charge['debt_account_id']}&limit=500").is_(200).data
    expect(charge["id"] in [c["id"] for c in listed], "the list has it not")


@case(IS, "D-charges; ours (422 for one that is unknown)", "debt_account_external_id and debt_account_id are the same, ours or the caller's")
def _(world):
    debt = world.debt()
    method = world.method(debt["customer"]["id"])
    for name in ("debt_account_external_id", "debt_account_id"):
        for which in ("id", "external_id"):
            charge = world.made("/charges", {"amount": 100, name: debt[which], "payment_method_id": method})
            expect(charge["debt_account_id"] == debt["id"], charge["debt_account_id"])
        world.post("/charges", {"amount": 100, name: "nobody", "payment_method_id": method}).refuses(name)


@case(IS, "api-facts 8.6", "amount is cents: all that is owed")
def _(world):
    _, debt, method = world.payer(12_345)
    expect(world.pay(debt, method, 12_345).is_(201).data["amount"] == 12_345 and world.owed(debt) == 0, world.owed(debt))


@case(IS, "D-charges", "scheduled_at today is now or later today; the days before are refused")
def _(world):
    world.post("/charges", {**new(world), "scheduled_at": world.day(0)}).is_(201)
    world.post("/charges", {**new(world), "scheduled_at": world.day(-1)}).refuses("scheduled_at")


@case(IS, "ours", "a charge whose answer is lost is pending, and taken once")
def _(world):
    customer, debt, _ = world.payer(10_000)
    charge = world.post("/charges", {"amount": 700, "debt_account_id": debt, "token": "tok_answer_lost"}).is_(201).data
    expect(charge["status"] == "pending", charge)
    eventually("the lost answer", lambda: world.get(f"/charges/{charge['id']}").is_(200).data["status"] == "completed")
    expect(world.owed(debt) == 9_300, world.owed(debt))


@case(IS, "ours", "Idempotency-Key: the same charge, taken once, a declined one too; another amount 422")
def _(world):
    _, debt, method = world.payer(10_000)
    key = world.fresh("key")
    pay = lambda amount: world.post("/charges", {"amount": amount, "debt_account_id": debt, "payment_method_id": method}, Idempotency_Key=key)
    first, again = pay(300).is_(201), pay(300).is_(201)
    expect(first.data["id"] == again.data["id"] and again.headers["Idempotent-Replayed"] == "true", again.text)
    pay(301).is_(422)
    key, declined = world.fresh("key"), {"amount": 300, "debt_account_id": debt, "token": "tok_insufficient_funds"}
    twice = [world.post("/charges", declined, Idempotency_Key=key).is_(400).data["id"] for _ in range(2)]
    expect(twice[0] == twice[1] and world.owed(debt) == 9_700, (twice, world.owed(debt)))


@case(IS, "ours", "a charge that was not sent is canceled, one that is done is not; a void takes all of it back")
def _(world):
    _, debt, method = world.payer(10_000)
    charge = world.pay(debt, method, 1_000).is_(201).data["id"]
    world.post(f"/charges/{charge}/cancel", {}).is_(400)
    world.post(f"/charges/{charge}/void", {}).is_(200)
    expect(world.owed(debt) == 10_000, world.owed(debt))


for name in ("customer_id", "debt_account_id", "debt_account_external_id", "payment_method_id", "status"):
    def found(world, name=name):
        customer, debt, method = world.payer()
        charge = world.pay(debt, method, 100).is_(201).data["id"]
        value = {"customer_id": customer, "payment_method_id": method, "status": "completed"}.get(name, debt)
        rows = [row["id"] for row in world.get(f"/charges?limit=500&{name}={value}").is_(200).data]
        expect(charge in rows and (name == "status" or rows == [charge]), rows)
    case(IS, "ours", f"the list by {name}")(found)


RECEIPT = "receipts"


@case(RECEIPT, "ours", "what was paid, to whom, by what, and what is still owed; as JSON, as text and as a page")
def _(world):
    _, debt, method = world.payer(10_000)
    charge = world.pay(debt, method, 7_000).is_(201).data["id"]
    world.pay(debt, method, 1_000).is_(201)
    told = world.get(f"/charges/{charge}/receipt").is_(200).data
    has(told, "reference outcome amount currency paid_at paid_by paid_to method debt_account_id allocations balance_after", "a receipt")
    expect((told["outcome"], told["amount"], told["balance_after"]) == ("paid", 7_000, 3_000), told)
    expect((told["paid_by"], told["method"]["last_four"]) == ("Ada Lovelace", "4242"), told)
    text = world.get(f"/charges/{charge}/receipt.txt").is_(200)
    expect(text.headers["Content-Type"].startswith("text/plain") and "$70.00" in text.text and "$30.00" in text.text, text.text)
    page = world.ask("GET", f"/charges/{charge}/receipt", Accept="text/html").is_(200)
    expect(page.headers["Content-Type"].startswith("text/html") and "$70.00" in page.text, page.text)


@case(RECEIPT, "ours", "it says what became of the payment: refunded in part and whole, declined")
def _(world):
    _, debt, method = world.payer(10_000)
    charge = world.pay(debt, method, 1_000).is_(201).data["id"]
    outcome = lambda: world.get(f"/charges/{charge}/receipt").is_(200).data["outcome"]
    world.post(f"/charges/{charge}/refund", {"amount": 400}).is_(200)
    expect(outcome() == "partly_refunded", outcome())
    world.post(f"/charges/{charge}/refund", {}).is_(200)
    expect(outcome() == "refunded", outcome())
    charge = world.post("/charges", {"amount": 500, "debt_account_id": debt, "token": "tok_insufficient_funds"}).is_(400).data["id"]
    expect(outcome() == "declined", outcome())


@case(RECEIPT, "ours", "of what has not happened there is none: 400")
def _(world):
    _, debt, method = world.payer(10_000)
    charge = world.pay(debt, method, 1_000, scheduled_at=world.day(5)).is_(201).data["id"]
    world.get(f"/charges/{charge}/receipt").is_(400)
    world.get(f"/charges/{charge}/receipt.txt").is_(400)
    world.get("/charges/nobody/receipt").is_(404)
