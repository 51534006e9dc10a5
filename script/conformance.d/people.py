"""Somebody to be looked up."""

import random

#: The flows, and what each asks for.
FLOWS = {
    "phone_ssn_last4": ("phone", "ssn_last4"),
    "phone_date_of_birth": ("phone", "date_of_birth"),
    "phone_postal_code": ("phone", "postal_code"),
    "first_name_last_name_ssn_last4": ("first_name", "last_name", "ssn_last4"),
    "first_name_last_name_date_of_birth": ("first_name", "last_name", "date_of_birth"),
}
AREAS = [206, 212, 303, 312, 404, 415, 503, 602, 617, 713]


def number():
    return f"{random.choice(AREAS)}-{random.randint(220, 299)}-{random.randint(0, 9_998):04}"


def person(world, **more):
    """Somebody whom nobody is like: what they tell of themselves, and the id of their account."""
    # A server may allow fewer flows, and fewer failures, than the cases need.
    world.once("lookups", lambda: world.put("/organization", {"lookup": {"flows": list(FLOWS), "failures_a_day": 1_000_000}}))
    body = {"first_name": world.fresh("Siobhan"), "last_name": "O'Connor", "phone": number(), "ssn_last4": "0042",
            "date_of_birth": "1988-09-17", "address": {"postal_code": "10001"}, **more}
    return body, world.debt(customer_id=world.made("/customers", body)["id"])["id"]
