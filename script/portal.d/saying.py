"""Scenes of saying something: that it is not right, how to be reached, and in which language."""

from act import expect, scene
from hands import KEYBOARD, MOUSE, NO_SCRIPT
from stage import Person, Texts


@scene(quick=(MOUSE, KEYBOARD))
def disputes_an_amount_and_takes_it_back(act):
    ada = act.agency.somebody()
    act.another_browser()
    act.comes_by(ada.link())
    act.goes_to_account()
    act.choose("dispute-begin")
    act.title("dispute-new-title")
    act.look("dispute-new")
    act.write("dispute-text", "It was <b>less</b>.")
    act.choose("dispute-send")
    act.faults(reason="dispute-reason-wrong")
    act.look("dispute-new-wrong")
    expect(ada.disputes() == [], "something was disputed")
    act.pick("reason-wrong-amount")
    act.choose("dispute-send")
    act.title("dispute-title")
    act.says("dispute-open")
    act.sees("It was <b>less</b>.")
    act.look("dispute-open")
    [told] = ada.disputes()
    expect((told["status"], told["reasons"], told["source"], ada.blocks()) == ("open", ["wrong_amount"], "portal", ["dispute"]), told)
    act.agency.post(f"/debt-account-disputes/{told['id']}/answers", {"message": "We asked the hospital."})
    ada.document("Letter.txt", path=f"/debt-account-disputes/{told['id']}/documents")
    act.page.reload()
    act.sees("We asked the hospital.", "Letter.txt")
    act.look("dispute-answered")
    act.hand.unfold(act.t("dispute-withdraw-asked"))
    act.look("dispute-withdraw")
    act.choose("dispute-withdraw")
    act.says("dispute-withdrawn")
    act.look("dispute-withdrawn")
    expect((ada.disputes()[0]["status"], ada.blocks(), ada.owes()) == ("withdrawn", [], 123_45), ada.disputes())
    names = ada.events(told["id"])
    expect(names[0] == "dispute.create" and "dispute.update" in names, names)
    act.choose("accounts-title")
    act.goes_to_account()
    act.sees(act.t("disputes"), act.t("dispute-withdrawn"))
    act.look("account-with-a-dispute")


@scene()
def says_that_this_is_somebody_else(act):
    ada = act.agency.somebody()
    act.another_browser()
    act.comes_by(ada.link_to_account())
    act.choose("dispute-begin")
    act.pick("reason-not-mine")
    act.choose("dispute-send")
    act.says("dispute-meanwhile")
    [told] = ada.disputes()
    expect((told["reasons"], told["description"], ada.blocks()) == (["not_my_debt"], None, ["dispute"]), told)
    expect("block.create" in ada.events(told["block_id"]), "no block is told of")


@scene(quick=(KEYBOARD,))
def chooses_how_to_be_reached_and_then_not_at_all(act):
    ada = act.agency.somebody()
    act.another_browser()
    act.comes_by(ada.link())
    act.choose("nav-contact")
    act.title("contact-title")
    act.sees("ada@example.com")
    act.look("contact")
    act.hand.mark(act.t("way-sms"), False)
    act.hand.mark(act.t("way-phone"), False)
    act.choose("contact-save")
    act.says("contact-saved")
    act.look("contact-saved")
    wishes = act.agency.get(f"/customers/{ada.customer}/preferences")
    expect((wishes["channels"], wishes["how"], wishes["updated_by"]) == ({"email": True, "sms": False, "phone": False, "mail": True},
           "portal", "customer"), wishes)
    expect("customer.preferences" in ada.events(ada.customer), "the wishes are not told of")
    act.hand.unfold(act.t("contact-stop-asked"))
    act.look("contact-stop")
    act.choose("contact-stop")
    act.says("contact-stopped")
    act.look("contact-stopped")
    expect(ada.blocks() == ["cease_and_desist"], ada.blocks())
    refused = act.agency.api.post("/customer-sessions", {"customer_id": ada.customer, "send_by": "email"})
    expect(refused.status == 400, f"they are written to all the same: {refused.status}")
    expect(ada.owes() == 123_45, ada.owes())


@scene(quick=(MOUSE, NO_SCRIPT))
def writes_a_message_and_reads_the_answer(act):
    ada = act.agency.somebody()
    act.another_browser()
    act.comes_by(ada.link())
    act.choose("nav-tickets")
    act.title("tickets-title")
    act.look("messages-none")
    act.choose("ticket-begin")
    act.title("ticket-new-title")
    act.look("message-new")
    act.choose("ticket-send")
    act.faults(about="ticket-about-wrong", subject="ticket-subject-missing", text="ticket-text-missing")
    act.look("message-new-wrong")
    expect(act.agency.get(f"/tickets?customer_id={ada.customer}") == [], "a ticket was made")
    act.pick("about-account")
    act.write("ticket-subject", "My <account>")
    act.write("ticket-text", "What is it for?")
    act.choose("ticket-send")
    act.title("ticket-title")
    act.sees("My <account>", "What is it for?")
    act.look("conversation")
    [told] = act.agency.get(f"/tickets?customer_id={ada.customer}")
    expect((told["source"], told["is_read_by_organization"]) == ("collect", False), told)
    act.agency.post(f"/tickets/{told['id']}/messages", {"message": "For a night in March."})
    act.page.reload()
    act.sees("For a night in March.")
    act.look("conversation-answered")
    act.choose("ticket-read")
    expect(act.agency.get(f"/tickets/{told['id']}")["is_read_by_customer"] is True, "it is not read")
    act.choose("nav-tickets")
    act.sees("My <account>")
    act.look("messages")
    act.agency.put(f"/tickets/{told['id']}", {"status": "closed"})
    act.hand.choose("My <account>")
    act.says("ticket-closed-says")
    act.look("conversation-closed")
    expect("ticket.create" in ada.events(told["id"]) and ada.owes() == 123_45, ada.events(told["id"]))


@scene(quick=(MOUSE,))
def does_all_of_it_in_spanish(act):
    ada = act.agency.somebody(saved="tok_visa")
    act.another_browser()
    act.open(ada.link())
    act.hand.choose(Texts("es")("language-name"))
    act.t = Texts("es")
    expect(act.page.locator("html").get_attribute("lang") == "es", "the page does not say that it is in Spanish")
    act.look("door")
    act.choose("door-enter")
    act.look("accounts")
    act.goes_to_account()
    act.look("account")
    act.choose("pay-begin")
    act.look("pay")
    act.says_what_to_pay(23_45, act.t("method-ending", kind=act.t("method-brand", brand="Visa"), four="4242"))
    act.look("review")
    act.pays(23_45)
    act.says("payment-succeeded")
    act.look("payment")
    act.choose("nav-contact")
    act.look("contact")
    act.hand.pick("Español")
    act.choose("contact-save")
    act.says("contact-saved")
    expect(act.agency.get(f"/customers/{ada.customer}/preferences")["language"] == "es", "the language is not kept")
    expect((ada.owes(), ada.states()) == (100_00, [("succeeded", 23_45)]), ada.states())
    # Whoever said so gets it, whatever their browser asks for; and back.
    act.another_browser()
    act.open(ada.link())
    act.hand.choose(Texts("en")("door-enter"))
    act.title("accounts-title")
    act.hand.choose(Texts("en")("language-name"))
    act.t = Texts("en")
    act.title("accounts-title")


def changes_the_language(act, path, language):
    """Chooses the other language; gives what became otherwise than the words."""
    heading = act.page.locator("h1").inner_text()
    act.hand.choose(Texts(language)("language-name"))
    act.t = Texts(language)
    found = {"it is in another": act.page.locator("html").get_attribute("lang") != language, "it leads elsewhere": not act.page.url.endswith(path),
             "it is told as a mistake": act.page.locator(".summary").count() > 0, "the heading stays": act.page.locator("h1").inner_text() == heading}
    return [f"{path} in {language}: {what}" for what, is_so in found.items() if is_so]


def somebody_with_a_plan(act):
    """Somebody with an account that can be paid, and another that is being paid; gives also where both are."""
    ada = act.agency.somebody(saved="tok_visa")
    other = act.agency.post("/debt-accounts", {"customer_id": ada.customer, "balance": 200_00})["id"]
    return ada, f"/portal/accounts/{ada.debt}", f"/portal/plans/{Person(ada.agency, ada.customer, other, ada.method).plan(ada.method)}"


@scene()
def changes_the_language_anywhere_and_stays_there(act):
    ada, account, plan = somebody_with_a_plan(act)
    dispute = act.agency.post("/debt-account-disputes", {"debt_account_id": ada.debt, "reasons": ["other"]})["id"]
    act.agency.put(f"/debt-account-disputes/{dispute}", {"status": "withdrawn"})
    paid, offer = ada.charge(1_00), ada.offer(type="plan")
    act.another_browser()
    act.comes_by(ada.link())
    for path in ("/portal/accounts", account, f"{account}/pay", f"{account}/dispute", f"{account}/disputes/{dispute}",
                 f"/portal/tokenizer/card/{ada.debt}/100", f"/portal/tokenizer/bank/{ada.debt}/100", "/portal/payments", f"/portal/payments/{paid}",
                 "/portal/messages", "/portal/methods", "/portal/contact", f"{account}/plan", f"{account}/offers/{offer}", plan,
                 f"{plan}/authorizations", f"{plan}/stop", f"{plan}/method"):
        act.open(path)
        for language in ("es", "en"):
            otherwise = changes_the_language(act, path, language)
            expect(not otherwise, otherwise)


@scene()
def what_was_chosen_stays_when_the_language_changes(act):
    ada, account, plan = somebody_with_a_plan(act)
    offer, terms = ada.offer(type="plan"), f"often=weekly&amount=50.00&first={act.agency.day(5)}"
    act.another_browser()
    act.comes_by(ada.link())
    otherwise = []
    for path, name in ((f"{account}/review?how=part&amount=1.00&with={ada.method}", "review"), (f"{account}/plan?{terms}", "plan-schedule"),
                       (f"{account}/plan/agree?{terms}&with={ada.method}", "plan-agree"), (f"/portal/tokenizer/plan/{ada.debt}/card?{terms}", "plan-card"),
                       (f"{account}/offers/{offer}?{terms}", "offer"), (f"{plan}/method?with={ada.method}", "plan-method-agree")):
        act.open(path)
        otherwise += changes_the_language(act, path, "es")
        act.open(path)
        act.look(name)
        otherwise += changes_the_language(act, path, "en")
    expect(not otherwise, "\n".join(otherwise))
