"""Customers, addresses, payment methods."""

from cases import case, expect, parameters, shape

IS, GUIDE = "customers", "guide Customers"
PRINTED = "id external_id name email phone dob ssn addresses metadata"

FIELDS = [
    ("email", False, ["test@example.com"], "email", ["nobody", "a@b"]),
    ("external_id", False, ["<fresh>"], "external_id", []),
    ("phone", False, [("212-555-0123", "+12125550123"), ("(212) 555-0123", "+12125550123"), ("+12125550123", "+12125550123")],
     "phone", ["555", "+44 20 7946 0958"]),
    ("date_of_birth", False, ["1991-12-31"], "dob", ["31.12.1991", "1991-13-01", "2999-01-01"]),
    ("ssn_last4", False, [("1234", "***-**-1234"), (1234, "***-**-1234"), ("0042", "***-**-0042")], "ssn", ["12345", "abcd"]),
    ("metadata", False, [({"key": "value"}, [{"attribute": "key", "value": "value"}]),
                         ({"b": "2", "a": "1"}, [{"attribute": "a", "value": "1"}, {"attribute": "b", "value": "2"}])],
     "metadata", [{"key": "x" * 256}, {"k" * 256: "x"}]),
    ("address", False, [({"postal_code": "10001", "city": "Albany"}, "Albany")], "address.0.city", ["home"]),
    ("address.line1", False, ["1 Main St"], "addresses.0.line1", []),
    ("address.line2", False, ["Apt 2"], "addresses.0.line2", []),
    ("address.name", False, ["Home"], "addresses.0.name", []),
    ("address.city", False, ["Albany"], "addresses.0.city", []),
    ("address.state", False, ["NY"], "addresses.0.state", []),
    ("address.country", False, ["US"], "addresses.0.country", []),
    ("address.postal_code", False, ["12207", "12207-1234"], "addresses.0.postal_code", []),
    ("address", False, [({"is_primary": True, "city": "Albany"}, True)], "addresses.0.is_primary", [{"is_primary": "perhaps"}]),
]
parameters(IS, GUIDE, "POST", lambda w: "/customers", lambda w: {"name": "Customer Name"},
           [("name", True, ["Customer Name", "Acme, Inc."], "name", [7]), *FIELDS])
parameters(IS, GUIDE, "PUT", lambda w: f"/customers/{w.customer()['id']}", lambda w: {},
           [("name", False, ["Updated Customer Name"], "name", ["", 7]), *FIELDS])
shape(IS, GUIDE, "a created customer", lambda w: w.customer(phone="212-555-0123", address={"postal_code": "10001"}), f"{PRINTED} address")
shape(IS, GUIDE, "a shown customer", lambda w: w.get(f"/customers/{w.customer(phone='212-555-0123')['id']}").is_(200).data, PRINTED)
shape(IS, "AE", "a customer of the OpenAPI file", lambda w: w.made("/customers", {
    "first_name": "Grace", "last_name": "Hopper", "email": "g@example.com", "phone": "212-555-0199"}),
      "id first_name last_name email phone created_at updated_at")


@case(IS, GUIDE, "GET and PUT by external_id")
def _(world):
    customer = world.customer()
    found = world.get(f"/customers/{customer['external_id']}").is_(200).data
    expect(found["id"] == customer["id"], found)
    world.put(f"/customers/{customer['external_id']}", {"name": "Other"}).is_(200)


@case(IS, "api-facts 1.1", "a leading zero of ssn_last4 survives")
def _(world):
    expect(world.made("/customers", {"name": "X", "ssn_last4": 42})["ssn"].endswith("0042"), "the zeros are gone")


@case(IS, GUIDE, "metadata: PUT replaces a value, an empty value deletes its key, an empty whole all")
def _(world):
    path = f"/customers/{world.customer(metadata={'a': '1', 'b': '2'})['id']}"
    told = lambda body: {m["attribute"]: m["value"] for m in world.put(path, body).is_(200).data["metadata"]}
    expect(told({"metadata": {"a": "3"}}) == {"a": "3", "b": "2"}, "replacing")
    expect(told({"metadata": {"a": ""}}) == {"b": "2"}, "deleting one")
    expect(told({"metadata": ""}) == {}, "deleting all")


@case(IS, GUIDE, "what is not sent stays")
def _(world):
    customer = world.customer(phone="212-555-0123")
    after = world.put(f"/customers/{customer['id']}", {"name": "Other"}).is_(200).data
    expect(after["phone"] == customer["phone"] and after["email"] == customer["email"], after)


@case(IS, "api-facts 1.1", "status active, locked, archived")
def _(world):
    for status in ("locked", "archived", "active"):
        expect(world.customer(status=status)["status"] == status, status)


@case(IS, GUIDE, "the list has what was created")
def _(world):
    customer = world.customer()
    newest = world.get("/customers?limit=1").is_(200).data[0]
    expect(newest["id"] == customer["id"], "the newest customer is not first")


@case(IS, GUIDE, "DELETE by id: {\"success\": true}, then 404")
def _(world):
    path = f"/customers/{world.customer()['id']}"
    expect(world.delete(path).is_(200).json["success"] is True, "no success")
    world.get(path).is_(404)


@case(IS, "ours", "an external_id that is taken: 422")
def _(world):
    taken = world.customer()["external_id"]
    answer = world.post("/customers", {"name": "X", "external_id": taken}).refuses("external_id")
    expect("already been taken" in answer.text, answer.text)


PLACE = "addresses"
ADDRESS = "id name city postal_code country line1 line2 state is_primary"
places = lambda w: f"/customers/{w.customer()['id']}/addresses"
ROWS = [(name, False, [value], name, []) for name, value in
        [("name", "Home"), ("country", "US"), ("city", "Albany"), ("state", "NY"), ("line1", "1 Main St"), ("line2", "Apt 2")]]
parameters(PLACE, GUIDE, "POST", places, lambda w: {"postal_code": "10001"},
           [*ROWS, ("postal_code", True, ["10001"], "postal_code", ["1000", "100011", "abcde"]),
            ("is_primary", False, [("true", True), ("false", True)], "is_primary", [])])
shape(PLACE, GUIDE, "a created address", lambda w: w.made(places(w), {"postal_code": "10001"}), ADDRESS)


def two(world):
    path = places(world)
    return path, world.made(path, {"postal_code": "10001"}), world.made(path, {"postal_code": "10002"})


@case(PLACE, GUIDE, "the first is primary, later ones are not unless they say so, and there is only one")
def _(world):
    path, first, second = two(world)
    expect(first["is_primary"] and not second["is_primary"], (first, second))
    world.put(f"{path}/{second['id']}", {"postal_code": "10002", "is_primary": "true"}).is_(200)
    told = {a["id"]: a["is_primary"] for a in world.get(path).is_(200).data}
    expect(told == {first["id"]: False, second["id"]: True}, told)


@case(PLACE, GUIDE, "PUT changes, DELETE deletes and says success")
def _(world):
    path, first, second = two(world)
    changed = world.put(f"{path}/{first['id']}", {"name": "Updated", "postal_code": "10001"}).is_(200).data
    expect(changed["name"] == "Updated", changed)
    expect(world.delete(f"{path}/{second['id']}").is_(200).json["success"] is True, "no success")
    expect(len(world.get(path).is_(200).data) == 1, "it is still there")


METHOD = "payment methods"
PRINTED_METHOD = "id type card_token bank_account is_primary created_at updated_at"
for name, where in (("a customer's", lambda w: f"/customers/{w.customer()['id']}/payment-methods"), ("a", lambda w: "/payment-methods")):
    parameters(METHOD, f"guide Customers; D-payment-methods ({name} method)", "POST", where, lambda w: {"card": dict(w.CARD)}, [
        ("card.card_holder", True, ["John Doe"], "card_token.card_holder", []),
        ("card.card_number", True, [("4242424242424242", "4242"), ("5555555555554444", "4444")], "card_token.card_number",
         ["4242424242424241", "4242", "abcd"]),
        ("card.card_expiration_month", True, [("1", "1"), ("12", "12")], None, ["0", "13"]),
        ("card.card_expiration_year", True, [("35", "2035"), ("2035", "2035")], "card_token.expiration_year", ["1", "twenty"]),
        ("card.card_security_code", False, ["123"], None, []),
        ("card.card_postal_code", False, ["10001"], "card_token.card_zip", ["1000"]),
    ])
    parameters(METHOD, f"guide Customers; D-payment-methods ({name} bank account)", "POST", where, lambda w: {"ach": dict(w.ACH)}, [
        ("ach.account_holder", True, ["John Doe"], "bank_account.account_holder", []),
        ("ach.account_type", True, ["checking", "savings"], "bank_account.account_type", ["gold"]),
        ("ach.routing_number", True, ["021000021"], "bank_account.routing_number", ["021000022", "12345"]),
        ("ach.account_number", True, [("1234", "1234"), ("12345678901234567", "4567")], "bank_account.account_number",
         ["123", "123456789012345678"]),
        ("ach.account_zip", True, ["10001"], "bank_account.account_zip", ["1000"]),
        ("ach.account_state", True, ["NY"], "bank_account.account_state", []),
        ("ach.ownership_type", False, ["personal", "business"], "bank_account.ownership_type", ["shared"]),
    ])
    shape(METHOD, f"guide Customers ({name} method)", "a created method", lambda w, where=where: w.made(where(w), {"card": w.CARD}), PRINTED_METHOD)


@case(METHOD, GUIDE, "neither card nor ach, or both: 422")
def _(world):
    world.post("/payment-methods", {}).is_(422)
    world.post("/payment-methods", {"card": world.CARD, "ach": world.ACH}).is_(422)


@case(METHOD, GUIDE, "the words: card and ach; month and year are strings, the year has four digits")
def _(world):
    card, bank = (world.made("/payment-methods", body) for body in ({"card": world.CARD}, {"ach": world.ACH}))
    expect((card["type"], bank["type"]) == ("card", "ach"), (card["type"], bank["type"]))
    token = card["card_token"]
    expect((token["expiration_month"], token["expiration_year"], token["card_type"]) == ("12", "2035", "Visa"), token)
    expect(card["bank_account"] is None and bank["card_token"] is None, "the other is not null")


@case(METHOD, "AE", "by type and token, with last_four, brand and expiry")
def _(world):
    body = {"type": "card", "token": "tok_visa", "customer_id": world.customer()["id"]}
    made = world.made("/payment_methods", body)
    missing = [key for key in "id type last_four brand expiry_month expiry_year created_at".split() if key not in made]
    expect(not missing, f"lacks {missing}")


@case(METHOD, "D-payment-methods", "PUT, GET and DELETE")
def _(world):
    path = f"/payment-methods/{world.payer()[2]}"
    changed = world.put(path, {"card": {"card_holder": "Other", "card_expiration_year": "36"}}).is_(200).data
    expect(changed["card_token"]["card_holder"] == "Other", changed)
    world.get(path).is_(200)
    expect(world.delete(path).is_(200).json["success"] is True, "no success")
    world.get(path).is_(404)
