"""Cards and bank accounts."""

from cases import World, case, expect, has, parameters, shape
from printed import PAYMENT_METHOD

IS, GUIDE = "payment methods", "guide Customers"

#: The rows of the two tables, wherever a method is said: field, required, good values, where they are shown, bad values.
CARD = [
    ("card.card_holder", True, ["John Doe"], "card_token.card_holder", []),
    ("card.card_number", True, [("4242424242424242", "4242"), ("5555555555554444", "4444")], "card_token.card_number",
     ["4242424242424241", "4242", "abcd"]),
    ("card.card_expiration_month", True, [("1", "1"), ("12", "12")], None, ["0", "13"]),
    ("card.card_expiration_year", True, [("35", "2035"), ("2035", "2035")], "card_token.expiration_year", ["1", "twenty"]),
    ("card.card_security_code", False, ["123"], None, []),
    ("card.card_postal_code", False, ["10001"], "card_token.card_zip", ["1000"]),
]
BANK_ACCOUNT = [
    ("ach.account_holder", True, ["John Doe"], "bank_account.account_holder", []),
    ("ach.account_type", True, ["checking", "savings"], "bank_account.account_type", ["gold"]),
    ("ach.routing_number", True, ["021000021"], "bank_account.routing_number", ["021000022", "12345"]),
    ("ach.account_number", True, [("1234", "1234"), ("12345678901234567", "4567")], "bank_account.account_number",
     ["123", "123456789012345678"]),
    ("ach.account_zip", True, ["10001"], "bank_account.account_zip", ["1000"]),
    ("ach.account_state", True, ["NY"], "bank_account.account_state", []),
    ("ach.ownership_type", False, ["personal", "business"], "bank_account.ownership_type", ["shared"]),
]
for name, where in (("a customer's", lambda w: f"/customers/{w.customer()['id']}/payment-methods"), ("a", lambda w: "/payment-methods")):
    parameters(IS, f"guide Customers; D-payment-methods ({name} method)", "POST", where, lambda w: {"card": dict(w.CARD)}, CARD)
    parameters(IS, f"guide Customers; D-payment-methods ({name} bank account)", "POST", where, lambda w: {"ach": dict(w.ACH)}, BANK_ACCOUNT)
    shape(IS, f"guide Customers ({name} method)", "a created method", lambda w, where=where: w.made(where(w), {"card": w.CARD}), PAYMENT_METHOD)


@case(IS, GUIDE, "neither card nor ach, or both: 422")
def _(world):
    world.post("/payment-methods", {}).is_(422)
    world.post("/payment-methods", {"card": world.CARD, "ach": world.ACH}).is_(422)


@case(IS, GUIDE, "the words: card and ach; month and year are strings, the year has four digits")
def _(world):
    card, bank = (world.made("/payment-methods", body) for body in ({"card": world.CARD}, {"ach": world.ACH}))
    expect((card["type"], bank["type"]) == ("card", "ach"), (card["type"], bank["type"]))
    token = card["card_token"]
    expect((token["expiration_month"], token["expiration_year"], token["card_type"]) == ("12", "2035", "Visa"), token)
    expect(card["bank_account"] is None and bank["card_token"] is None, "the other is not null")


@case(IS, "AE", "by type and token, with last_four, brand and expiry")
def _(world):
    body = {"type": "card", "token": "tok_visa", "customer_id": world.customer()["id"]}
    made = world.made("/payment_methods", body)
    has(made, "id type last_four brand expiry_month expiry_year created_at", "a method")
    world.post("/payment_methods", {"type": "bank_account", "token": "tok_visa", "customer_id": body["customer_id"]}).is_(422)


def stored(**kind):
    """The path of a new method of a new customer: a card unless said."""
    def make(world):
        made = world.made(f"/customers/{world.customer()['id']}/payment-methods", kind or {"card": world.CARD})
        return f"/payment-methods/{made['id']}"
    return make


parameters(IS, "D-payment-methods; ours (its parameters)", "PUT", stored(), lambda w: {}, [
    ("card.card_holder", False, ["Other"], "card_token.card_holder", [""]),
    ("card.card_expiration_month", False, [("1", "01"), "11"], "card_token.expiration_month", ["13"]),
    ("card.card_expiration_year", False, [("36", "2036")], "card_token.expiration_year", ["twenty"]),
    ("card.card_postal_code", False, ["12207"], "card_token.card_zip", ["1"]),
    ("is_primary", False, [True], "is_primary", ["perhaps"]),
])
parameters(IS, "D-payment-methods; ours (its parameters)", "PUT", stored(ach=World.ACH), lambda w: {}, [
    ("ach.account_holder", False, ["Other"], "bank_account.account_holder", []),
    ("ach.account_zip", False, ["12207"], "bank_account.account_zip", ["1"]),
    ("ach.account_state", False, ["CA"], "bank_account.account_state", []),
])


@case(IS, "ours", "a number never changes")
def _(world):
    path = stored()(world)
    world.put(path, {"card": {"card_number": "5555555555554444"}})
    expect(world.get(path).is_(200).data["card_token"]["card_number"] == "4242", "it did")


@case(IS, "D-payment-methods", "GET and DELETE")
def _(world):
    path = stored()(world)
    world.get(path).is_(200)
    expect(world.delete(path).is_(200).json["success"] is True, "no success")
    world.get(path).is_(404)


@case(IS, "api-facts 1.4", "ownership_type is personal unless said")
def _(world):
    expect(world.made("/payment-methods", {"ach": world.ACH})["bank_account"]["ownership_type"] == "personal", "it is not")


@case(IS, "api-facts 8.20", "a bank account is ach under a hyphen, and bank_account under an underscore")
def _(world):
    made = world.made("/payment_methods", {"bank_account": world.ACH})
    expect(made["type"] == "bank_account", made["type"])
    expect(world.get(f"/payment-methods/{made['id']}").is_(200).data["type"] == "ach", "not ach")


@case(IS, "ours", "the first of a customer is primary; another one made so unmakes it")
def _(world):
    path = f"/customers/{world.customer()['id']}/payment-methods"
    first, second = (world.made(path, {"card": world.CARD}) for _ in range(2))
    expect((first["is_primary"], second["is_primary"]) == (True, False), (first, second))
    world.put(f"/payment-methods/{second['id']}", {"is_primary": True}).is_(200)
    told = {m["id"]: m["is_primary"] for m in world.get(path).is_(200).data}
    expect(told == {first["id"]: False, second["id"]: True}, told)


@case(IS, "ours", "a card that has expired can be stored; a charge on it is declined")
def _(world):
    debt = world.debt()
    made = world.made(f"/customers/{debt['customer']['id']}/payment-methods", {"card": {**world.CARD, "card_expiration_year": "24"}})
    expect(made["is_expired"] is True, made)
    expect(world.pay(debt["id"], made["id"], 100).is_(400).json["errorCode"] == "charge_declined", "not declined")


@case(IS, "ours", "the security code and whole numbers are never told")
def _(world):
    made = world.post("/payment-methods", {"card": {**world.CARD, "card_security_code": "987"}}).is_(201)
    expect("987" not in made.data["card_token"].values() and world.CARD["card_number"] not in made.text, made.text)
    expect(world.ACH["account_number"] not in world.post("/payment-methods", {"ach": world.ACH}).is_(201).text, "the account's number")


@case(IS, "ours", "one that a charge waits for is not deleted: 400")
def _(world):
    _, debt, method = world.payer()
    world.pay(debt, method, 100, scheduled_at=world.day(5)).is_(201)
    world.delete(f"/payment-methods/{method}").is_(400)
