"""Held-out requests in which earlier turns or results of tools matter."""

from tests.brain.heldout.case import Case, has, one_of, text, tool
from tests.brain.heldout.everyday import FORECAST, HOME, RECIPE, TABLE, TRAVEL
from tests.brain.heldout.office import (
    CANCEL,
    DESK,
    MAIL,
    REFUND,
    REORDER,
    SHOP,
    STAFF,
    STATUS,
    STOCK,
)
from tests.brain.heldout.technical import FETCH, OPS, SEARCH

CONTACT = tool("find_contact", "Look up the e-mail address of a person", name=text("Full name"))

CASES = [
    Case(
        "missing host given in the next turn",
        OPS,
        [
            ("user", "Please restart the mailer service."),
            ("assistant", "On which host should I restart mailer?"),
            ("user", "on mail-01"),
        ],
        [("restart_service", {"service": "mailer", "host": "mail-01"})],
    ),
    Case(
        "missing time given in the next turn",
        [TABLE, FORECAST],
        [
            ("user", "Can you reserve a table for two at Osteria Blu?"),
            ("assistant", "At what time do you want to arrive?"),
            ("user", "20:15, please"),
        ],
        [("reserve_table", {"restaurant": "Osteria Blu", "guests": 2, "time": "20:15"})],
    ),
    Case(
        "same question about another place",
        TRAVEL,
        [
            ("user", "What's the weather in Turin?"),
            ("calls", ("get_forecast", {"location": "Turin"})),
            ("result", {"location": "Turin", "sky": "sunny", "high": 24}),
            ("assistant", "Sunny in Turin, up to 24 degrees."),
            ("user", "And in Genoa?"),
        ],
        [("get_forecast", {"location": "Genoa"})],
    ),
    Case(
        "it is the order spoken of",
        SHOP,
        [
            ("user", "Where is order 61209?"),
            ("calls", ("order_status", {"order_id": "61209"})),
            ("result", {"order_id": "61209", "status": "packed"}),
            ("assistant", "Order 61209 is packed."),
            ("user", "Then please cancel it."),
        ],
        [("cancel_order", {"order_id": "61209"})],
    ),
    Case(
        "look up first, then send",
        [CONTACT, MAIL],
        "Send Ruth Adeyemi a mail that the samples have arrived.",
        [("find_contact", {"name": "Ruth Adeyemi"})],
    ),
    Case(
        "send with the address found",
        [CONTACT, MAIL],
        [
            ("user", "Send Ruth Adeyemi a mail that the samples have arrived."),
            ("calls", ("find_contact", {"name": "Ruth Adeyemi"})),
            ("result", {"name": "Ruth Adeyemi", "email": "r.adeyemi@example.com"}),
        ],
        [
            (
                "send_mail",
                {
                    "to": "r.adeyemi@example.com",
                    "subject": has("samples"),
                    "body": has("samples have arrived"),
                },
            )
        ],
    ),
    Case(
        "chain is done",
        [CONTACT, MAIL],
        [
            ("user", "Send Ruth Adeyemi a mail that the samples have arrived."),
            ("calls", ("find_contact", {"name": "Ruth Adeyemi"})),
            ("result", {"name": "Ruth Adeyemi", "email": "r.adeyemi@example.com"}),
            (
                "calls",
                (
                    "send_mail",
                    {
                        "to": "r.adeyemi@example.com",
                        "subject": "Samples",
                        "body": "The samples have arrived.",
                    },
                ),
            ),
            ("result", {"status": "sent", "message_id": "m-118"}),
        ],
        [],
        ["sent"],
    ),
    Case(
        "answer from a result in JSON",
        TRAVEL,
        [
            ("user", "How warm will it be in Seville?"),
            ("calls", ("get_forecast", {"location": "Seville"})),
            ("result", {"location": "Seville", "high_celsius": 37, "sky": "clear"}),
        ],
        [],
        ["37", "Seville"],
    ),
    Case(
        "answer from two results",
        TRAVEL,
        [
            ("user", "Compare the forecast for Bergen and Malmö."),
            (
                "calls",
                ("get_forecast", {"location": "Bergen"}),
                ("get_forecast", {"location": "Malmö"}),
            ),
            ("result", "Rain, 11 degrees"),
            ("result", "Cloudy, 15 degrees"),
        ],
        [],
        ["Bergen", "11", "Malmö", "15"],
    ),
    Case(
        "error is reported",
        SHOP,
        [
            ("user", "Refund 30 euros for order 4410."),
            ("calls", ("issue_refund", {"order_id": "4410", "amount": 30})),
            ("result", "Error: order 4410 was paid by voucher and cannot be refunded"),
        ],
        [],
        ["voucher"],
    ),
    Case(
        "status decides on the next call",
        [STATUS, CANCEL, REFUND],
        [
            ("user", "Check order 902 and, if it has not shipped yet, cancel it."),
            ("calls", ("order_status", {"order_id": "902"})),
            ("result", {"order_id": "902", "status": "processing", "shipped": False}),
        ],
        [("cancel_order", {"order_id": "902"})],
    ),
    Case(
        "condition that does not hold",
        [STATUS, CANCEL, REFUND],
        [
            ("user", "Check order 903 and, if it has not shipped yet, cancel it."),
            ("calls", ("order_status", {"order_id": "903"})),
            ("result", {"order_id": "903", "status": "shipped", "shipped": True}),
        ],
        [],
        ["shipped"],
    ),
    Case(
        "name remembered from an earlier turn",
        [STAFF, MAIL],
        [
            ("user", "My name is Ilse Vermeer and I work in logistics."),
            ("assistant", "Nice to meet you, Ilse."),
            ("user", "What is my name?"),
        ],
        [],
        ["Ilse"],
    ),
    Case(
        "search, then open what was found",
        [SEARCH, FETCH],
        [
            ("user", "Search for the opening hours of the tram museum and open the first hit."),
            ("calls", ("web_search", {"query": "opening hours of the tram museum"})),
            (
                "result",
                [
                    {"title": "Visit us", "url": "https://tram.example.org/visit"},
                    {"title": "History", "url": "https://tram.example.org/history"},
                ],
            ),
        ],
        [("open_page", {"url": "https://tram.example.org/visit"})],
    ),
    Case(
        "correction of a value",
        HOME,
        [
            ("user", "Set the bedroom light to 40."),
            ("calls", ("set_light", {"room": "bedroom", "brightness": 40})),
            ("result", "ok"),
            ("assistant", "Done."),
            ("user", "Actually, make it 60."),
        ],
        [("set_light", {"room": "bedroom", "brightness": 60})],
    ),
    Case(
        "number of the order said earlier",
        SHOP,
        [
            ("user", "Hello, I'm Tariq and my order number is KL-5520."),
            ("assistant", "Hello Tariq, how can I help?"),
            ("user", "I want to know where my order is."),
        ],
        [("order_status", {"order_id": "KL-5520"})],
    ),
    Case(
        "stock is low, so reorder",
        [STOCK, REORDER],
        [
            ("user", "Check the stock of PN-9 and reorder 100 pieces of it."),
            ("calls", ("check_stock", {"sku": "PN-9"})),
            ("result", {"sku": "PN-9", "pieces": 3}),
        ],
        [("reorder_article", {"sku": "PN-9", "quantity": 100})],
    ),
    Case(
        "today is in the system prompt",
        [DESK[3], MAIL],
        [
            ("system", "You help the staff. Today is 2026-09-14."),
            ("user", "Request leave for Nadia Petrov from tomorrow until 2026-09-18."),
        ],
        [
            (
                "request_leave",
                {
                    "employee": "Nadia Petrov",
                    "first_day": "2026-09-15",
                    "last_day": "2026-09-18",
                },
            )
        ],
    ),
    Case(
        "thanks after the work is done",
        [RECIPE, TABLE],
        [
            ("user", "What can I cook with rice and beans?"),
            ("calls", ("find_recipes", {"ingredients": ["rice", "beans"]})),
            ("result", ["Gallo pinto", "Burrito bowl"]),
            ("assistant", "Gallo pinto or a burrito bowl."),
            ("user", "Great, thank you."),
        ],
        [],
    ),
    Case(
        "refused call is not made again",
        SHOP,
        [
            ("user", "Refund 900 euros for order 12."),
            ("calls", ("issue_refund", {"order_id": "12", "amount": 900})),
            ("result", "User rejected the tool call for `issue_refund`: too much"),
        ],
        [],
        [("too much", "rejected", "not")],
    ),
    Case(
        "arguments mended after a validation error",
        [tool("set_alarm", "Set an alarm", time=text("HH:MM in 24 hours", pattern=r"^\d\d:\d\d$"))],
        "Wake me up with an alarm at 6:45 am",
        [("set_alarm", {"time": one_of("06:45")})],
    ),
]
