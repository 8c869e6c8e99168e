"""Held-out requests from offices and shops: mail, calendar, orders, staff, money."""

from tests.brain.heldout.case import (
    Case,
    choice,
    has,
    many,
    number,
    one_of,
    record,
    text,
    tool,
    whole,
)

MAIL = tool(
    "send_mail",
    "Send an e-mail",
    to=text("Address of the recipient", format="email"),
    subject=text("Subject line"),
    body=text("Text of the message"),
)
MEETING = tool(
    "schedule_meeting",
    "Put a meeting into the calendar",
    title=text("What it is about"),
    attendees=many(text("E-mail address"), "Who takes part"),
    start=text("Start, YYYY-MM-DD HH:MM"),
    minutes_=whole("Length in minutes"),
)
STATUS = tool("order_status", "Look up where an order is", order_id=text("Number of the order"))
CANCEL = tool(
    "cancel_order",
    "Cancel an order that has not been shipped",
    order_id=text("Number of the order"),
    reason_=text("Why it is cancelled"),
)
REFUND = tool(
    "issue_refund",
    "Pay money back to a customer",
    order_id=text("Number of the order"),
    amount=number("Amount in euros", exclusiveMinimum=0),
)
INVOICE = tool(
    "create_invoice",
    "Create an invoice for a client",
    client=text("Name of the client"),
    lines=many(
        record(item=text("What was sold"), quantity=whole("How many"), price=number("Unit price"))
    ),
)
TICKET = tool(
    "open_ticket",
    "Open a support ticket",
    summary=text("One sentence on the problem"),
    priority=choice("low", "normal", "high", "urgent"),
)
STAFF = tool(
    "find_employee",
    "Look up an employee in the staff directory",
    name_=text("Name of the employee"),
    department_=text("Department"),
)
LEAVE = tool(
    "request_leave",
    "Hand in a request for days off",
    employee=text("Who takes leave"),
    first_day=text("First day off", format="date"),
    last_day=text("Last day off", format="date"),
)
STOCK = tool("check_stock", "Number of pieces of an article in the warehouse", sku=text("Article"))
REORDER = tool(
    "reorder_article",
    "Order more pieces of an article from the supplier",
    sku=text("Article"),
    quantity=whole("Pieces", minimum=1),
)
NOW = tool("current_time", "The current time of day")
SHOP = [STATUS, CANCEL, REFUND, TICKET]
DESK = [MAIL, MEETING, STAFF, LEAVE]

CASES = [
    Case(
        "order number with letters",
        SHOP,
        "Where is my order MX-20931? It should have been here by now.",
        [("order_status", {"order_id": "MX-20931"})],
    ),
    Case(
        "refund of an amount",
        SHOP,
        "Please refund €18.90 for order 55172.",
        [("issue_refund", {"order_id": "55172", "amount": 18.9})],
    ),
    Case(
        "cancel with a reason",
        SHOP,
        "Cancel order 7741 because I ordered the wrong size.",
        [("cancel_order", {"order_id": "7741", "reason": has("wrong size")})],
    ),
    Case(
        "cancel without a number",
        SHOP,
        "I'd like to cancel my order.",
        [],
        [("order number", "number of the order", "which order", "order id")],
    ),
    Case(
        "two orders at once",
        SHOP,
        "Can you check the status of orders 3310 and 3311?",
        [("order_status", {"order_id": "3310"}), ("order_status", {"order_id": "3311"})],
    ),
    Case(
        "status of one and cancellation of the other",
        SHOP,
        "Tell me where order 8801 is and cancel order 8802.",
        [("order_status", {"order_id": "8801"}), ("cancel_order", {"order_id": "8802"})],
    ),
    Case(
        "urgent ticket",
        SHOP,
        "Open an urgent ticket: the card terminal at the counter is dead.",
        [("open_ticket", {"summary": has("card terminal", "dead"), "priority": "urgent"})],
    ),
    Case(
        "mail with everything said",
        DESK,
        "Send an email to k.moreau@example.org with the subject 'Invoice 88' and the body "
        "'Please find the invoice attached.'",
        [
            (
                "send_mail",
                {
                    "to": "k.moreau@example.org",
                    "subject": "Invoice 88",
                    "body": "Please find the invoice attached",
                },
            )
        ],
    ),
    Case(
        "mail with reported content",
        DESK,
        "Email lena@example.com that the delivery will be two days late.",
        [
            (
                "send_mail",
                {
                    "to": "lena@example.com",
                    "subject": has("deliver"),
                    "body": has("delivery", "two days late"),
                },
            )
        ],
    ),
    Case(
        "mail without an address",
        DESK,
        "Send a mail saying that the office is closed on Friday.",
        [],
        [("address", "recipient", "to whom", "who")],
    ),
    Case(
        "meeting with two people",
        DESK,
        "Schedule a 45 minute meeting called 'Budget review' with ana@example.com and "
        "joe@example.com on 2026-02-03 at 14:00.",
        [
            (
                "schedule_meeting",
                {
                    "title": "Budget review",
                    "attendees": ["ana@example.com", "joe@example.com"],
                    "start": one_of("2026-02-03 14:00", "2026-02-03T14:00"),
                    "minutes": 45,
                },
            )
        ],
    ),
    Case(
        "staff by department",
        DESK,
        "Who works in the purchasing department?",
        [("find_employee", {"department": "purchasing"})],
    ),
    Case(
        "leave over two dates",
        DESK,
        "Request leave for Omar Haddad from 2026-07-06 to 2026-07-17.",
        [
            (
                "request_leave",
                {
                    "employee": "Omar Haddad",
                    "first_day": "2026-07-06",
                    "last_day": "2026-07-17",
                },
            )
        ],
    ),
    Case(
        "lines of an invoice",
        [INVOICE, MAIL],
        "Create an invoice for Brightwater Ltd: 3 desks at 210.50 each and 12 chairs at 89 each.",
        [
            (
                "create_invoice",
                {
                    "client": "Brightwater Ltd",
                    "lines": [
                        {"item": "desks", "quantity": 3, "price": 210.5},
                        {"item": "chairs", "quantity": 12, "price": 89},
                    ],
                },
            )
        ],
    ),
    Case(
        "reorder by number of pieces",
        [STOCK, REORDER],
        "Reorder 40 pieces of article PN-77.",
        [("reorder_article", {"sku": "PN-77", "quantity": 40})],
    ),
    Case(
        "stock, spoken loosely",
        [STOCK, REORDER],
        "How many of BL-4 do we still have?",
        [("check_stock", {"sku": "BL-4"})],
    ),
    Case(
        "tool without arguments",
        [NOW, MAIL],
        "What time is it?",
        [("current_time", {})],
    ),
    Case(
        "small talk calls nothing",
        DESK,
        "Thanks, that was very helpful!",
        [],
    ),
    Case(
        "a question about the assistant calls nothing",
        SHOP,
        "What can you do for me?",
        [],
    ),
    Case(
        "forced tool takes its arguments from the prompt",
        SHOP,
        "The customer of order 1207 is furious because her parcel is wet.",
        [("open_ticket", {"summary": has("parcel", "wet"), "priority": one_of("high", "urgent")})],
        request={"tool_choice": {"type": "function", "function": {"name": "open_ticket"}}},
    ),
]
