"""Authorization, errors, lists: what holds for every endpoint."""

import urllib.parse

from cases import case, expect

IS = "conventions"


@case(IS, "D-api", "without a token: 401 with `error`")
def _(world):
    answer = world.ask("GET", "/customers", Authorization="Bearer nobody").is_(401)
    expect(isinstance(answer.json["error"], str), answer.text)


@case(IS, "D-api", "an unknown id: 404 with `error`")
def _(world):
    expect("error" in world.get("/customers/nobody-has-this-id").is_(404).json, "no error")


@case(IS, "AE", "422 has `error` and `errorCode`")
def _(world):
    body = world.post("/customers", {}).is_(422).json
    expect(body["error"] and body["errorCode"], body)


@case(IS, "ours", "422 names every failing field at once, in Laravel's words")
def _(world):
    errors = world.post("/debt-accounts", {"balance": "much"}).is_(422).json["errors"]
    expect(errors["customer_id"] == ["The customer id field is required when parent external id is not present."]
           or errors["customer_id"] == ["The customer id field is required."], errors)
    expect("balance" in errors, errors)


@case(IS, "D-api", "answers are JSON whatever is accepted")
def _(world):
    kind = world.ask("GET", "/customers", Accept="text/html").is_(200).headers["Content-Type"]
    expect(kind.startswith("application/json"), kind)


@case(IS, "ours", "a wrong method: 405 with Allow")
def _(world):
    expect("GET" in world.delete("/customers").is_(405).headers["Allow"], "no Allow")


@case(IS, "ours", "a body that is none: 400")
def _(world):
    world.ask("POST", "/customers", None, **{"Content-Type": "application/json"}).is_(422)


LISTS = ["customers", "debt-accounts", "locations", "payment-methods", "charges", "transactions", "payment-plans",
         "debt_accounts", "payment_methods", "payment_plans", "tickets", "webhooks", "customer-sessions", "blocks"]

for path in LISTS:
    def pages(world, path=path):
        world.once("something", world.payer)
        answer = world.get(f"/{path}?limit=1&page=1").is_(200).json
        meta, links = answer["meta"], answer["links"]
        missing = [key for key in "from to current_page last_page per_page path total".split() if key not in meta]
        expect(not missing, f"meta lacks {missing}")
        expect({"first", "last", "prev", "next"} <= links.keys(), f"links: {sorted(links)}")
        expect(meta["current_page"] == 1 and int(meta["per_page"]) == 1, meta)
        expect(links["prev"] is None, links)
        expect(len(answer["data"]) <= 1, "more rows than the limit")
    case(IS, "D-api", f"GET /{path}: meta and links")(pages)

    def limits(world, path=path):
        for limit in (0, 501, "many"):
            world.get(f"/{path}?limit={limit}").refuses("limit")
        world.get(f"/{path}?page=0").refuses("page")
        expect(world.get(f"/{path}?limit=500&page=1000000").is_(200).data == [], "a page past the end has rows")
    case(IS, "D-api (limit 1..500); ours (out of range 422, past the end [])", f"GET /{path}: limit and page")(limits)

    def walks(world, path=path):
        if path in ("tickets", "webhooks"):
            return  # short by nature; walked like the others where they are long
        first = world.get(f"/{path}?limit=1&cursor=").is_(200).json
        at = first["meta"]["next_cursor"]
        if at:
            second = world.get(f"/{path}?limit=1&cursor={urllib.parse.quote(at)}").is_(200).data
            expect([x["id"] for x in second] != [x["id"] for x in first["data"]], "the cursor stands still")
    case(IS, "ours", f"GET /{path}: cursor")(walks)


@case(IS, "D-api", "links keep the other parameters")
def _(world):
    world.once("something", world.payer)
    links = world.get("/debt-accounts?limit=1&status=active").is_(200).json["links"]
    expect("status=active" in links["first"] and "limit=1" in links["first"], links)


@case(IS, "D-api", "10 rows unless said")
def _(world):
    expect(int(world.get("/customers").is_(200).json["meta"]["per_page"]) == 10, "per_page is not 10")


@case(IS, "ours", "Idempotency-Key: the same request again is the same resource, another one 422")
def _(world):
    key, body = world.fresh("key"), {"name": "Once"}
    first = world.post("/customers", body, Idempotency_Key=key).is_(201)
    again = world.post("/customers", body, Idempotency_Key=key).is_(201)
    expect(first.data["id"] == again.data["id"], "two customers")
    expect(again.headers["Idempotent-Replayed"] == "true", "no Idempotent-Replayed")
    world.post("/customers", {"name": "Twice"}, Idempotency_Key=key).is_(422)


@case(IS, "ours", "X-Request-Id comes back")
def _(world):
    answer = world.ask("GET", "/customers", X_Request_Id="conformance-1").is_(200)
    expect(answer.headers["X-Request-Id"] == "conformance-1", answer.headers.items())


@case(IS, "D-api", "rate limits are told")
def _(world):
    headers = world.get("/customers").is_(200).headers
    expect(int(headers["X-RateLimit-Limit"]) > 0 and int(headers["X-RateLimit-Remaining"]) >= 0, "no X-RateLimit-*")
