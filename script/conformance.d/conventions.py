"""Authorization, hosts, bodies, errors, idempotency: what holds for every endpoint."""

import uuid

from cases import LeftOut, case, expect, has

IS = "conventions"


@case(IS, "D-api", "without a token, or with a wrong one: 401 with `error`")
def _(world):
    for token in (None, "Bearer nobody", "Basic bm9ib2R5", world.token):
        answer = world.ask("GET", "/customers", Authorization=token).is_(401)
        expect(isinstance(answer.json["error"], str), answer.text)


@case(IS, "D-api; ours (the token decides, and a host that names another organization or environment: 401)", "hosts")
def _(world):
    mine = world.get("/organization").is_(200).data
    other = {"sandbox": "production", "production": "sandbox"}[mine["environment"]]
    told = lambda who, which: world.ask("GET", "/customers", Host=f"{who}.{which}.tratta.io")
    told(mine["id"], mine["environment"]).is_(200)
    told(mine["id"], other).is_(401)
    told(uuid.uuid4(), mine["environment"]).is_(401)


@case(IS, "D-api", "an unknown id: 404 with `error`")
def _(world):
    expect("error" in world.get("/customers/nobody-has-this-id").is_(404).json, "no error")


@case(IS, "AE", "422 has `error` and `errorCode`")
def _(world):
    body = world.post("/customers", {}).is_(422).json
    expect(body["error"] and body["errorCode"], body)


@case(IS, "api-facts 8.22", "errors have error, errorCode, message and errors, whatever they are")
def _(world):
    for answer in (world.get("/customers/nobody-has-this-id"), world.post("/customers", {}), world.delete("/customers"),
                   world.ask("GET", "/customers", Authorization="Bearer nobody"), world.get("/no-such-thing")):
        has(answer.json, "error errorCode message errors", answer.asked)
        expect(answer.json["error"] == answer.json["message"], answer.text)


@case(IS, "ours", "422 names every failing field at once, in Laravel's words")
def _(world):
    errors = world.post("/debt-accounts", {"balance": "much"}).is_(422).json["errors"]
    expect(errors["customer_id"] == ["The customer id field is required when parent external id is not present."]
           or errors["customer_id"] == ["The customer id field is required."], errors)
    expect("balance" in errors, errors)


@case(IS, "D-api; api-facts 8.10", "answers are JSON whatever is accepted")
def _(world):
    for accept in ("text/html", "application/json", "*/*", None):
        kind = world.ask("GET", "/customers", Accept=accept).is_(200).headers["Content-Type"]
        expect(kind.startswith("application/json"), kind)


@case(IS, "ours", "a wrong method: 405 with Allow")
def _(world):
    expect("GET" in world.delete("/customers").is_(405).headers["Allow"], "no Allow")


@case(IS, "ours", "HEAD is GET without a body")
def _(world):
    got, head = world.get("/customers?limit=1"), world.ask("HEAD", "/customers?limit=1").is_(200)
    expect(head.body == b"" and head.headers["Content-Type"] == got.headers["Content-Type"], head.headers.items())
    world.ask("HEAD", "/customers/nobody-has-this-id").is_(404)


@case(IS, "ours", "an empty body is an empty object: 422 about what is required")
def _(world):
    for data in (b"", b"{}"):
        world.send("POST", "/customers", data, **{"Content-Type": "application/json"}).refuses("name")


for what, data in {"half an object": b'{"name": "A"', "a bare word": b"nonsense", "two objects": b"{}{}",
                   "a key twice": b'{"name": "A", "name": "B"}',
                   "no UTF-8": b'{"name": "\xff\xfe"}', "a list": b"[]", "forty levels": b'{"a":' * 40 + b"1" + b"}" * 40}.items():
    def malformed(world, data=data):
        answer = world.send("POST", "/customers", data, **{"Content-Type": "application/json"}).is_(400)
        expect(answer.json["errorCode"] == "malformed_body", answer.text)
    case(IS, "ours", f"a body that is none, {what}: 400 malformed_body")(malformed)

for kind in ("text/plain", "application/xml", "application/json; charset=utf-16", None):
    def unsupported(world, kind=kind):
        # Without a word about its type a client of ours would say that it is a form.
        world.send("POST", "/customers", b"<name>A</name>", **{"Content-Type": kind or "nonsense"}).is_(415)
    case(IS, "ours", f"a body of type {kind or 'nonsense'}: 415")(unsupported)


@case(IS, "ours", "a body above 1 MiB: 413")
def _(world):
    body = b'{"name": "' + b"x" * (1 << 20) + b'"}'
    world.send("POST", "/customers", body, **{"Content-Type": "application/json"}).is_(413)


@case(IS, "api-facts 2", "a body is JSON, a form with brackets, or multipart")
def _(world):
    json = world.post("/customers", {"name": "A B", "address": {"city": "Albany"}}).is_(201)
    form = world.send("POST", "/customers", b"name=A+B&address[city]=Albany", **{"Content-Type": "application/x-www-form-urlencoded"}).is_(201)
    parts = "".join(f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
                    for name, value in (("name", "A B"), ("address[city]", "Albany")))
    multi = world.send("POST", "/customers", f"{parts}--x--\r\n".encode(), **{"Content-Type": "multipart/form-data; boundary=x"}).is_(201)
    cities = [answer.data["addresses"][0]["city"] for answer in (json, form, multi)]
    expect(cities == ["Albany"] * 3, cities)


@case(IS, "api-facts 2, 8.5", "money is whole cents, and a JSON integer in answers; a fraction is refused")
def _(world):
    customer = world.once("owner", world.customer)["id"]
    make = lambda text: world.send("POST", "/debt-accounts", f'{{"customer_id": "{customer}", "balance": {text}}}'.encode(),
                                   **{"Content-Type": "application/json"})
    for text in ("15000", "15000.0", '"15000"', '"15000.00"'):
        expect('"balance":15000,' in make(text).is_(201).text, f"{text} is not 15000")
    for text in ("150.5", '"150.50"', "-1", "1000000000000000", '"99999999999999999999"'):
        make(text).refuses("balance")


@case(IS, "api-facts 2; ours (RFC 3339 in UTC)", "times and days")
def _(world):
    customer = world.customer(date_of_birth="1991-12-31")
    expect(customer["dob"] == "1991-12-31", customer["dob"])
    expect(customer["created_at"].endswith("Z") and "T" in customer["created_at"], customer["created_at"])


@case(IS, "api-facts 2", "ids are UUIDs")
def _(world):
    customer, debt, method = world.once("something", world.payer)
    for told in (customer, debt, method):
        uuid.UUID(told)


@case(IS, "ours", "an unknown id in a body and one of somebody else read the same")
def _(world):
    answer = world.post("/debt-accounts", {"customer_id": str(uuid.uuid4()), "balance": 1}).refuses("customer_id")
    expect(answer.json["errors"]["customer_id"] == ["The selected customer id is invalid."], answer.text)


@case(IS, "ours", "unknown fields are ignored, and a GET can be sent back as PUT")
def _(world):
    customer, debt, method = world.payer()
    for path in (f"/customers/{customer}", f"/debt-accounts/{debt}", f"/payment-methods/{method}"):
        shown = world.get(path).is_(200).data
        after = world.put(path, {**shown, "favourite_colour": "green"}).is_(200).data
        changed = [key for key in shown if after.get(key) != shown[key]]
        expect(not changed, f"{path}: {changed}")


@case(IS, "ours", "an external_id that is a word of a path is refused; it is free again after a deletion")
def _(world):
    for word in ("lookup", "request", "."):
        world.post("/customers", {"name": "X", "external_id": word}).refuses("external_id")
    mine = world.customer()["external_id"]
    world.delete(f"/customers/{mine}").is_(200)
    world.customer(external_id=mine)


@case(IS, "ours", "Idempotency-Key: the same request again is the same resource, another one 422")
def _(world):
    key, body = world.fresh("key"), {"name": "Once"}
    first = world.post("/customers", body, Idempotency_Key=key).is_(201)
    again = world.post("/customers", body, Idempotency_Key=key).is_(201)
    expect(first.data["id"] == again.data["id"], "two customers")
    expect(again.headers["Idempotent-Replayed"] == "true", "no Idempotent-Replayed")
    world.post("/customers", {"name": "Twice"}, Idempotency_Key=key).is_(422)


@case(IS, "ours", "Idempotency-Key: a refusal that made nothing is not kept")
def _(world):
    key = world.fresh("key")
    world.post("/customers", {}, Idempotency_Key=key).is_(422)
    world.post("/customers", {"name": "Now"}, Idempotency_Key=key).is_(201)


@case(IS, "ours", "X-Request-Id comes back, and is made where none was sent")
def _(world):
    answer = world.ask("GET", "/customers", X_Request_Id="conformance-1").is_(200)
    expect(answer.headers["X-Request-Id"] == "conformance-1", answer.headers.items())
    expect(world.get("/customers").headers["X-Request-Id"], "none was made")


@case(IS, "D-api", "rate limits are told")
def _(world):
    headers = world.get("/customers").is_(200).headers
    expect(int(headers["X-RateLimit-Limit"]) > 0 and int(headers["X-RateLimit-Remaining"]) >= 0, "no X-RateLimit-*")


#: Of so many requests a minute at most, the limit is reached without being a burden.
POLITE = 400


@case("rate limit", "D-api; ours (Retry-After)", "above the limit: 429 with Retry-After")
def _(world):
    limit = int(world.get("/organization").headers["X-RateLimit-Limit"])
    if limit > POLITE:
        raise LeftOut(f"{limit} requests a minute are allowed, and more than {POLITE} are no question but a burden")
    for _ in range(limit + 1):
        answer = world.get("/customers?limit=1")
        if answer.status == 429:
            break
    answer.is_(429)
    expect(0 < int(answer.headers["Retry-After"]) <= 60, answer.headers.items())
    has(answer.json, "error errorCode", "429")
