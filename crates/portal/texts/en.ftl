# The words of the portal, in English. A key here is a key in every catalogue, filled in with the same things.

language-name = English
skip = Skip to the page
leave = Log out
where = Where you are
fault-prefix = Error:
faults = There is a problem

reach = How to reach { $name }
reach-phone = Phone:
reach-email = E-mail:
reach-hours = Hours:
reach-website = Website
reach-privacy = Privacy notice

month-1 = January
month-2 = February
month-3 = March
month-4 = April
month-5 = May
month-6 = June
month-7 = July
month-8 = August
month-9 = September
month-10 = October
month-11 = November
month-12 = December
day-in-words = { $month } { $day }, { $year }
month = Month
day = Day
year = Year

# At the door: nothing here may speak of a debt.

door-title = Welcome
door-says = { $name } has a personal page for you. Choose the button to open it.
door-enter = Continue
door-private = If this link was not meant for you, please close this page.
door-cookie = Your browser did not tell us where you came from. Open your link again, and allow cookies for this site: we need one to know your browser, and use it for nothing else.

check-title = Is it you?
check-says = To keep your page private, please answer one question first.
check-birth = What is your date of birth?
check-birth-hint = For example 4 27 1985
check-birth-wrong = Enter your date of birth as month, day and a year of four digits
check-ssn = What are the last four digits of your Social Security number?
check-ssn-hint = Four digits, with any zeros in front
check-ssn-wrong = Enter the last four digits of your Social Security number
check-zip = What is your ZIP code?
check-zip-hint = Five digits
check-zip-wrong = Enter a ZIP code of five digits
check-wrong = That is not what we have on file. You can try { $left } more times
check-wrong-last = That is not what we have on file. You can try once more
check-go-on = Continue
check-why = We ask because this page was opened in a new browser or from a message. After five wrong answers the link is closed.

closed-title = This link is closed
closed = For your safety, no more answers are taken here. Please contact us for another link.
unknowable-title = Please contact us
unknowable = We cannot find out online whether it is you. Please contact us, and we will help you.

dead-title = This link does not work any more
dead = For your safety, links stop working after a while. Ask whoever sent it to you for another one.
over-title = You have been logged out
over = For your safety, this page closes after a while. Open your link again to go on.
left-title = You have logged out
left = Nobody can see your page in this browser now. If you open your link here again, we will ask you one question first.

refused-title = That cannot be done
refused = Please go back and try again, or contact whoever sent you here.
refused-out-title = Please open your link again
refused-out = Nobody has come in with this browser, or the page has been closed for your safety. Open the link that was sent to you.
refused-form-title = Please try that again
refused-form = For your safety, nothing was done: the page you sent was not opened here, or too long ago. Go back, load the page again, and try once more.
refused-missing-title = There is no such page
refused-missing = The address may be mistyped, or what was here is gone.
refused-busy-title = Please try again in a moment
refused-busy = There is too much to do right now. Nothing was done with what you sent.
refused-broken-title = Something went wrong on our side
refused-broken = We have made a note of it. Please try again in a moment.

# What is owed.

accounts-title = Your accounts
accounts-all = All your accounts
accounts-none = There is nothing to show you at the moment.
account-title = Your account
account = Account
account-number = Account ending in { $number }
owed-now = owed now
owed-of = { $amount } owed now
on-its-way = { $amount } is being paid and not yet taken off
standing-paid = Paid in full. Thank you.
standing-closed = This account is closed.
creditors = Who it is owed to
creditor-original = Original creditor
creditor-current = Current creditor
creditor-product = What it was for
creditor-number = Account number
creditor-reference = Our reference
under = What it is made of

# What was paid.

payments-title = Your payments
payments-all = All your payments
payments-none = There are no payments yet.
payments-newest = The newest first
payments-older = Older payments
payment-title = Your payment
payment-standing = How it stands
payment-day = Date
payment-amount = Amount
payment-scheduled = Planned
payment-scheduled-says = Nothing has been charged yet. It will be on its day.
payment-checking = Being checked with your bank
payment-checking-says = We are checking with your bank what became of it. You have not been charged twice, and you need not do anything: this page finds out by itself.
payment-pending = On its way from your bank
payment-pending-says = Your bank has been asked, and the money is on its way. That takes a few banking days.
payment-pending-until = Your bank has been asked, and the money is on its way. We expect it by { $day }.
payment-succeeded = Paid
payment-partly-refunded = Paid, and partly given back
payment-declined = Declined: nothing was paid
payment-canceled = Called off: nothing was paid
payment-refunded = Given back to you
payment-returned = Returned by your bank: it does not count as paid
payment-returned-says = Your bank took the money back. Please check your account with your bank, or contact us.
payment-refunded-amount = Given back
payment-to = Paid to
payment-by = Paid by
payment-with = Paid with
payment-part = Of this
payment-balance-after = Still owed afterwards
payment-reference = Reference
payment-look-again = Look again
payment-go-on = Go on to where you came from
payment-print = To keep this as your receipt, print this page or save it.
method-card = Card
method-bank = Bank account
method-brand = { $brand } card
method-ending = { $kind } ending in { $four }
declined-funds = There was not enough money on the account. Nothing was charged.
declined-expired = The card has expired. Nothing was charged.
declined-code = The security code was not right. Nothing was charged.
declined-number = The card or account number cannot be used. Nothing was charged.
declined-other = Your bank did not allow it. Nothing was charged. Your bank can tell you why, or you can try another card or account.
declined-later = Your bank could not be reached, or asks to wait. Nothing was charged. Please try again later.

# What somebody disputes.

back = Back
text-too-long = Write less than 10,000 characters
dispute-new-title = Tell us what is not right
dispute-new-says = You may dispute what is claimed, or a part of it. We then stop collecting it until we have answered you.
dispute-reason-asked = What is not right?
dispute-reason-wrong = Choose what is not right
dispute-text = In your own words
dispute-text-hint = You may leave this empty. Do not write card or account numbers here.
dispute-send = Send
reason-not-mine = This is not my debt, or I am not the person you are looking for
reason-wrong-amount = The amount is wrong
reason-paid = I have paid it
reason-settled = It was settled
reason-original-creditor = I want to know who the original creditor is
reason-somebody-else = An insurer or somebody else owes it
reason-service = The goods or services were not as agreed
reason-identity-theft = Somebody else made this debt in my name
reason-bankruptcy = It was discharged in bankruptcy
reason-too-old = It is too old
reason-other = Something else
dispute-title = Your dispute
dispute-open = We have received it, and will answer you
dispute-answered = We have answered you
dispute-upheld = You were right
dispute-rejected = We looked into it, and the debt was confirmed
dispute-withdrawn = You took it back
dispute-meanwhile = Meanwhile we do not collect this.
dispute-received = Received
dispute-reason = What is not right
dispute-amount = How much of it
dispute-your-words = Your words
dispute-answers = Our answers
dispute-withdraw-asked = Take it back
dispute-withdraw-says = If this is settled for you, you can take your dispute back. We may then collect again.
dispute-withdraw = Take my dispute back
disputes = What you disputed
dispute-offer = Is something not right?
dispute-offer-says = If this is not yours, or the amount is wrong, tell us. It costs nothing, and we stop collecting until we have answered.
dispute-begin = This is not right

documents = Documents
document-statement = Statement
document-validation-notice = Notice about the debt
document-contract = Contract
document-judgment = Judgment
document-other = Document

item-title = How it came to this
item-none = There is no breakdown of this amount here. If you want to know how it came about, ask us, or tell us that it is not right.
item-what = What
item-day = Date
item-began = Owed on this day ({ $kind })
item-began-last-statement = last statement
item-began-charge-off = charge-off
item-began-last-payment = last payment
item-began-transaction = when it began
item-began-judgment = judgment
item-interest = Interest
item-fee = Fee
item-payment = Payment
item-credit = Credit
item-since-paid = Paid since
item-since-back = Payments given back since
item-since-raised = Added since
item-since-lowered = Taken off since
item-now = Owed now
nav = Pages
nav-contact = How we may reach you

# How somebody wants to be reached.

contact-title = How we may reach you
contact-language = Which language do you read?
contact-language-wrong = Choose a language
contact-ways = By which ways may we reach you?
contact-ways-hint = Take away the mark from any way you do not want. We stop using it at once.
way-email = E-mail
way-sms = Text message
way-phone = Phone call
way-mail = Letter
contact-save = Save
contact-saved = Saved. This holds from now on.
contact-stop-title = Stop all contact
contact-stop-says = You may ask us to stop contacting you altogether. You can still use this page. What you owe stays as it is.
contact-stop-asked = I want you to stop contacting me
contact-stop = Stop contacting me
contact-stopped = You asked us to stop contacting you, and we have stopped. If you change your mind, please contact us.

# Paying.

pay-begin = Pay
pay-title = Make a payment
pay-how-much = How much do you want to pay?
pay-whole = All of it: { $amount }
pay-part = Another amount
pay-amount = Amount in dollars
pay-amount-hint = For example 50.00
pay-amount-least = At least { $least }, or all of it. For example 50.00
pay-amount-wrong = Enter an amount in dollars, like 50.00
pay-amount-above = Enter at most { $most }: that is what can be paid now
pay-amount-below = Enter at least { $least }, or all of it, which is { $most }
pay-amount-whole = Only all of it can be paid at once here: { $most }
pay-amount-both = You chose to pay all of it, and wrote another amount. Choose one of the two
pay-amount-changed = What is owed has changed in the meantime. Please look at it again
pay-with = What do you want to pay with?
pay-with-wrong = Choose what you want to pay with
pay-with-stopped = This cannot be charged at the moment. Choose something else to pay with
pay-new-card = A new card
pay-not-yet = Nothing is charged yet. You will see everything once more on the next page.
pay-nothing = Nothing can be paid on this account at the moment. If you have a question about it, please contact us.
pay-by-plan = This account is paid in instalments. Please contact us to agree on them.
pay-tried-title = Please contact us
pay-tried = Too many payments were declined today, so no more are taken here for now. Nothing was charged. Please contact us, or try again tomorrow.
review-title = Look at your payment once more
review-when = When
review-now = Now
review-left = Owed afterwards
review-change = Change something
review-authorizes = By choosing the button, I authorize { $organization } to charge { $amount } once, today, to this: { $method }.
review-this-card = the card on this page
review-pay = Pay { $amount }
card-holder = Name on the card
card-holder-wrong = Enter the name on the card
card-number = Card number
card-number-wrong = Enter the whole number of the card as it stands on it
card-expiry = Valid through
card-expiry-wrong = Enter the month and year through which the card is valid
card-code = Security code
card-code-hint = Three digits on the back, or four on the front of American Express
card-code-wrong = Enter the security code of the card
card-zip = ZIP code of the billing address

# Messages.

nav-tickets = Messages
tickets-title = Messages
tickets-says = Write to us here, and read what we answer.
tickets-newest = Your conversations, newest first
tickets-older = Older conversations
ticket-begin = Write a message
ticket-new = New
ticket-last = Last message
ticket-new-title = Write a message
ticket-about = About
ticket-about-asked = What is it about?
ticket-about-wrong = Choose what it is about
about-account = I want to know more about an account
about-plan = I want to change a payment plan
about-call = I would like to be called
about-logging-in = Trouble getting in
about-other = Something else
ticket-account = Which account? (you may leave this out)
ticket-account-none = None in particular
ticket-account-wrong = Choose one of your accounts, or none
ticket-subject = Subject
ticket-subject-missing = Write a few words as the subject
ticket-subject-too-long = Write a subject of 200 characters at most
ticket-text = Your message
ticket-text-hint = Do not write card or account numbers here.
ticket-text-missing = Write a message
ticket-send = Send
ticket-many-title = Please wait
ticket-many = You have begun many conversations today. Please go on in one of them, or call us.
ticket-title = Your conversation
ticket-open = We will answer you here
ticket-resolved = Answered
ticket-closed = Closed
ticket-closed-says = This conversation is closed. You can begin another one.
ticket-messages = Messages
ticket-you = You
ticket-read = I have read this
ticket-answer = Your answer

# Coming in without a link: nothing here may speak of a debt.

log-in-title = Find your page
log-in-says = Tell us who you are, to open your personal page.
log-in-phone = Your phone number
log-in-phone-wrong = Enter a US phone number, with its area code
log-in-first = Your first name
log-in-first-wrong = Enter your first name
log-in-last = Your last name
log-in-last-wrong = Enter your last name
log-in-ssn = The last four digits of your Social Security number
log-in-birth = Your date of birth
log-in-zip = Your ZIP code
log-in-wrong = We could not find your page by this. Check what you entered, or contact us
log-in-others = Find your page by something else
log-in-by-phone-ssn = By phone number and Social Security number
log-in-by-phone-birth = By phone number and date of birth
log-in-by-phone-zip = By phone number and ZIP code
log-in-by-name-ssn = By name and Social Security number
log-in-by-name-birth = By name and date of birth
log-in-many-title = Please contact us
log-in-many = For your safety, no more tries are taken here for now. Please contact us, or try again later.
