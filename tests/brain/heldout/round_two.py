"""Requests written before the second round of mending; read after their first run.

16 of the 26 were right in that run. The kinds of miss they showed were mended since, so they no
longer say how the brain does on tools that it has never met; `round_four` does.
"""

from tests.brain.heldout.case import (
    Case,
    choice,
    has,
    number,
    one_of,
    text,
    tool,
    whole,
)

CLINIC = [
    tool(
        "find_appointments",
        "Find the appointments of a patient",
        patient_email=text("E-mail address of the patient"),
        state_=choice("upcoming", "past", "all"),
    ),
    tool(
        "cancel_appointment",
        "Cancel an appointment",
        appointment_id=text("Number of the appointment"),
        reason_=text("Why it is cancelled"),
    ),
    tool(
        "send_message",
        "Send a message to a patient",
        recipient=text("E-mail address"),
        subject=text("Subject line"),
        message=text("The message"),
    ),
]
GARAGE = [
    tool("lookup_vehicle", "Look up a vehicle by its plate", plate=text("Number plate")),
    tool(
        "book_service",
        "Book a car in for a service",
        plate=text("Number plate"),
        day=text("Day of the service"),
    ),
    tool("order_part", "Order a spare part", part_number=text("Part number"), count=whole()),
]
VENUE = [
    tool("seat_count", "How many seats of a hall are free", hall=text("Name of the hall")),
    tool("hall_hours", "Opening hours of a hall", hall=text("Name of the hall")),
    tool("refund_ticket", "Refund a ticket", ticket_id=text("Ticket"), amount=number("Amount")),
]
ROLLOUT = [
    tool(
        "roll_back",
        "Roll a service back to an earlier version",
        service=text("Name of the service"),
        version=text("Version to return to"),
    ),
    tool(
        "install_release",
        "Install a release of a service",
        service=text("Name of the service"),
        version=text("Version"),
    ),
    tool("service_logs", "Read the log of a service", service=text("Name of the service")),
]
MARKET = [
    tool("share_price", "Current price of a share", symbol=text("Ticker symbol")),
    tool("exchange_rate", "Rate between currencies", source=text("From"), target=text("To")),
]
DEPOT = [
    tool("stock_level", "Units of an article in stock", article=text("Article number")),
    tool("reserve_stock", "Set units aside", article=text("Article number"), units=whole("Units")),
    tool(
        "email_supplier",
        "Write to a supplier",
        to=text("Address"),
        subject=text("Subject"),
        body=text("Text"),
    ),
]
ACCOUNTS = [
    tool("get_invoice", "Get an invoice by its number", invoice_id=text("Invoice number")),
    tool("list_invoices", "List a customer's invoices", email=text("E-mail of the customer")),
    tool(
        "credit_customer",
        "Credit an amount to a customer",
        email=text("E-mail of the customer"),
        amount=number("Amount in euros"),
        note_=text("Why"),
    ),
]

ROUND_TWO: list[Case] = [
    Case(
        "address inside a question, with a state",
        CLINIC,
        "Which upcoming appointments does ola@birch.example have?",
        [("find_appointments", {"patient_email": "ola@birch.example", "state": "upcoming"})],
    ),
    Case(
        "address before the verb",
        CLINIC,
        "For ruth@birch.example, show me all appointments please",
        [("find_appointments", {"patient_email": "ruth@birch.example", "state": "all"})],
    ),
    Case(
        "two deeds, the first a message",
        CLINIC,
        "Message ola@birch.example saying the doctor is ill and cancel appointment 771.",
        [
            (
                "send_message",
                {
                    "recipient": "ola@birch.example",
                    "subject": has("doctor"),
                    "message": has("the doctor is ill"),
                },
            ),
            ("cancel_appointment", {"appointment_id": "771"}),
        ],
    ),
    Case(
        "a message told about somebody",
        CLINIC,
        "Write to ken@birch.example that his appointment moves to Tuesday",
        [
            (
                "send_message",
                {
                    "recipient": "ken@birch.example",
                    "subject": has("appointment"),
                    "message": has("your appointment moves to Tuesday"),
                },
            )
        ],
    ),
    Case(
        "deed with a reason after as",
        CLINIC,
        "Please cancel appointment 88 as the patient has moved away",
        [
            (
                "cancel_appointment",
                {"appointment_id": "88", "reason": has("patient has moved away")},
            )
        ],
    ),
    Case(
        "plate in a question",
        GARAGE,
        "Whose car is KX-771?",
        [("lookup_vehicle", {"plate": "KX-771"})],
    ),
    Case(
        "plate and day",
        GARAGE,
        "KX-771 needs a service on Thursday, book it in please.",
        [("book_service", {"plate": "KX-771", "day": "Thursday"})],
    ),
    Case(
        "part number and count",
        GARAGE,
        "Order six of part BR-20.",
        [("order_part", {"part_number": "BR-20", "count": 6})],
    ),
    Case(
        "three cars in a row",
        GARAGE,
        "Look up KX-771, KX-772 and LM-9.",
        [
            ("lookup_vehicle", {"plate": "KX-771"}),
            ("lookup_vehicle", {"plate": "KX-772"}),
            ("lookup_vehicle", {"plate": "LM-9"}),
        ],
    ),
    Case(
        "free seats of a hall",
        VENUE,
        "How many seats does the Lark hall still have?",
        [("seat_count", {"hall": one_of("Lark", "Lark hall")})],
    ),
    Case(
        "closing time of a hall",
        VENUE,
        "When does the Kestrel hall close today?",
        [("hall_hours", {"hall": one_of("Kestrel", "Kestrel hall")})],
    ),
    Case(
        "refund with the amount before the ticket",
        VENUE,
        "Give back 18.50 euros for ticket T-300",
        [("refund_ticket", {"ticket_id": "T-300", "amount": 18.5})],
    ),
    Case(
        "service before version",
        ROLLOUT,
        "Install checkout v3.2",
        [("install_release", {"service": "checkout", "version": "v3.2"})],
    ),
    Case(
        "version before service",
        ROLLOUT,
        "Install release 7.1.0 of the search service",
        [("install_release", {"service": one_of("search", "search service"), "version": "7.1.0"})],
    ),
    Case(
        "back to a version",
        ROLLOUT,
        "Roll payments back to v1.9",
        [("roll_back", {"service": "payments", "version": "v1.9"})],
    ),
    Case(
        "two ticker symbols",
        MARKET,
        "How do the shares of IBM and SAP stand?",
        [("share_price", {"symbol": "IBM"}), ("share_price", {"symbol": "SAP"})],
    ),
    Case(
        "symbols compared",
        MARKET,
        "Compare the prices of ABB and SHEL",
        [("share_price", {"symbol": "ABB"}), ("share_price", {"symbol": "SHEL"})],
    ),
    Case(
        "how many of an article",
        DEPOT,
        "How many of QT-55 are left?",
        [("stock_level", {"article": "QT-55"})],
    ),
    Case(
        "units to set aside",
        DEPOT,
        "Set 12 of QT-55 aside",
        [("reserve_stock", {"article": "QT-55", "units": 12})],
    ),
    Case(
        "mail to a supplier in the words of the request",
        DEPOT,
        "E-mail sales@mill.example to ask whether their paper QT-55 is back in May.",
        [
            (
                "email_supplier",
                {"to": "sales@mill.example", "subject": has("paper"), "body": has("QT-55", "May")},
            )
        ],
    ),
    Case(
        "look-up and deed in a story",
        ACCOUNTS,
        "A customer, mia@tarn.example, wrote that her parcel came four days late. "
        "Credit her 7.50 euros.",
        [("credit_customer", {"email": "mia@tarn.example", "amount": 7.5})],
    ),
    Case(
        "credit and list for one person",
        ACCOUNTS,
        "Credit joe@tarn.example 10 euros and list his invoices.",
        [
            ("credit_customer", {"email": "joe@tarn.example", "amount": 10}),
            ("list_invoices", {"email": "joe@tarn.example"}),
        ],
    ),
    Case(
        "two invoices",
        ACCOUNTS,
        "What do invoices 5001 and 5002 say?",
        [("get_invoice", {"invoice_id": "5001"}), ("get_invoice", {"invoice_id": "5002"})],
    ),
    Case(
        "a condition not yet known",
        DEPOT,
        "If fewer than 20 of QT-55 are in stock, e-mail sales@mill.example that we need more.",
        [("stock_level", {"article": "QT-55"})],
    ),
    Case(
        "a condition that holds",
        DEPOT,
        [
            (
                "user",
                "If fewer than 20 of QT-55 are in stock, e-mail sales@mill.example that we need "
                "more.",
            ),
            ("calls", ("stock_level", {"article": "QT-55"})),
            ("result", {"article": "QT-55", "units": 4}),
        ],
        [
            (
                "email_supplier",
                {"to": "sales@mill.example", "subject": has("more"), "body": has("need more")},
            )
        ],
    ),
    Case(
        "what is missing is asked for",
        VENUE,
        "Please refund my ticket.",
        says=["ticket", "?"],
    ),
]
