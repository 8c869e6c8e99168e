"""Requests with invented tools of hotels, workshops and server rooms; read after their first run.

20 of the 40 were right in that run. The kinds of miss they showed were mended since, so they no
longer say how the brain does on tools that it has never met; `round_four` does.
"""

from tests.brain.heldout.case import (
    Case,
    choice,
    flag,
    has,
    many,
    number,
    one_of,
    record,
    text,
    tool,
    whole,
)

HOTEL = [
    tool(
        "check_availability",
        "Check which rooms are free.",
        arrival=text("Day of arrival (YYYY-MM-DD)"),
        nights=whole("Number of nights"),
        room_type_=choice("single", "double", "suite"),
    ),
    tool(
        "request_housekeeping",
        "Send housekeeping to a room.",
        room_number=whole(),
        items=many(text(), "What to bring"),
    ),
    tool(
        "set_wake_up_call",
        "Set a wake-up call for a room.",
        room_number=whole(),
        time=text("HH:MM, 24 hours"),
    ),
    tool(
        "check_out_guest", "Check a guest out.", room_number=whole(), late_=flag("Late check-out")
    ),
]
BIKES = [
    tool(
        "open_repair_ticket",
        "Open a repair ticket for a bicycle.",
        customer=text("Name of the customer"),
        bike=text("Make and model of the bicycle"),
        faults=many(text(), "What is broken"),
        urgency_=choice("low", "normal", "high"),
    ),
    tool("get_repair_status", "Get the status of a repair ticket.", ticket_id=text("e.g. R-118")),
    tool("quote_part", "Get the price of a spare part.", part=text(), quantity_=whole()),
]
BEES = [
    tool(
        "log_inspection",
        "Record the inspection of a beehive.",
        hive=whole("Number of the hive"),
        queen_seen=flag("Whether the queen was seen"),
        frames_of_brood_=whole("Frames with brood"),
        mood_=choice("calm", "nervous", "aggressive"),
    ),
    tool(
        "record_harvest",
        "Record a honey harvest.",
        hive=whole("Number of the hive"),
        honey_kg=number("Honey in kilograms"),
    ),
    tool("get_hive_weight", "Read the scale under a hive.", hive=whole("Number of the hive")),
]
CAR = [
    tool(
        "start_charging",
        "Start charging the car.",
        limit_percent_=whole("Stop at this state of charge", minimum=10, maximum=100),
    ),
    tool("stop_charging", "Stop charging the car."),
    tool("get_range", "Get the remaining range of the car in kilometres."),
    tool(
        "precondition_cabin",
        "Heat or cool the cabin before a trip.",
        target_celsius=number("Cabin temperature in degrees Celsius"),
        ready_at=text("Departure time, HH:MM"),
    ),
]
LEAVE = [
    tool(
        "request_leave",
        "Request days off for an employee.",
        employee=text("Name of the employee"),
        kind=choice("vacation", "sick", "parental", "unpaid"),
        first_day=text("YYYY-MM-DD"),
        last_day=text("YYYY-MM-DD"),
    ),
    tool("get_leave_balance", "Get how many days off are left.", employee=text()),
    tool("approve_leave", "Approve a request for leave.", request_id=text("e.g. LV-31")),
    tool(
        "reject_leave", "Reject a request for leave.", request_id=text("e.g. LV-31"), reason=text()
    ),
]
EXPENSES = [
    tool(
        "submit_expense",
        "Submit an expense for reimbursement.",
        merchant=text("Where the money was spent"),
        amount=number(),
        currency=text("ISO 4217 code"),
        category=choice("travel", "meals", "equipment", "other"),
        date_=text("YYYY-MM-DD"),
    ),
    tool("get_expense", "Look up an expense report.", report_id=text("e.g. EX-77")),
    tool("withdraw_expense", "Withdraw an expense report.", report_id=text("e.g. EX-77")),
]
SURVEY = [
    tool(
        "create_poll",
        "Create a poll in a channel.",
        channel=text("Name of the channel, e.g. #general"),
        question=text(),
        options=many(text(), "Answers to choose from"),
        anonymous_=flag("Hide who voted for what"),
    ),
    tool("close_poll", "Close a poll.", poll_id=whole()),
    tool("post_message", "Post a message in a channel.", channel=text(), text=text()),
]
DNS = [
    tool(
        "add_record",
        "Add a DNS record to a zone.",
        zone=text("e.g. example.org"),
        type=choice("A", "AAAA", "CNAME", "MX", "TXT"),
        name=text("Name of the record within the zone"),
        value=text(),
        ttl_seconds_=whole("Time to live in seconds"),
    ),
    tool("delete_record", "Delete a DNS record.", zone=text(), name=text()),
    tool("list_records", "List the DNS records of a zone.", zone=text()),
]
FLAGS = [
    tool(
        "set_feature_flag",
        "Turn a feature flag on or off.",
        flag=text("Name of the flag"),
        environment=choice("development", "staging", "production"),
        enabled=flag(),
    ),
    tool(
        "set_rollout",
        "Set the share of users who see a feature.",
        flag=text("Name of the flag"),
        percent=whole(minimum=0, maximum=100),
    ),
    tool("get_flag_history", "Show who changed a flag and when.", flag=text("Name of the flag")),
]
CLUSTER = [
    tool(
        "scale_deployment",
        "Set the number of replicas of a deployment.",
        deployment=text(),
        replicas=whole(),
        namespace_=text(),
    ),
    tool("restart_deployment", "Restart a deployment.", deployment=text(), namespace_=text()),
    tool(
        "get_logs",
        "Get the last log lines of a pod.",
        pod=text("Name of the pod"),
        lines_=whole("How many lines"),
        since_minutes_=whole("Only the last so many minutes"),
    ),
    tool("drain_node", "Move all pods off a node.", node=text("Name of the node")),
]
WAREHOUSE = [
    tool(
        "move_stock",
        "Move stock from one location to another.",
        sku=text("e.g. TX-400"),
        quantity=whole(),
        from_location=text("e.g. A-01"),
        to_location=text("e.g. A-01"),
    ),
    tool("count_stock", "Count what is in stock of an article.", sku=text("e.g. TX-400")),
    tool(
        "reorder",
        "Order more of an article from its supplier.",
        sku=text("e.g. TX-400"),
        quantity=whole(),
        deliver_by_=text("YYYY-MM-DD"),
    ),
]
EVENTS = [
    tool(
        "register_attendee",
        "Register somebody for an event.",
        event=text("Name of the event"),
        attendee=record(
            "Who comes",
            name=text("Full name"),
            email=text("E-mail address"),
            company_=text(),
        ),
        diet_=choice("none", "vegetarian", "vegan", "halal"),
    ),
    tool("cancel_registration", "Cancel a registration.", registration_id=text("e.g. REG-5")),
    tool("list_attendees", "List who is registered for an event.", event=text()),
]
KITCHEN = [
    tool(
        "add_to_shopping_list",
        "Put things on the shopping list.",
        entries=many(
            record("", product=text(), amount=number(), unit=text("e.g. kg, l, pieces")),
            "Things to buy",
        ),
    ),
    tool(
        "start_timer", "Start a kitchen timer.", label=text(), seconds=whole("Duration in seconds")
    ),
    tool(
        "preheat_oven",
        "Preheat the oven.",
        celsius=whole("Temperature in degrees Celsius"),
        mode_=choice("fan", "grill", "top_and_bottom"),
    ),
    tool("find_recipe", "Find recipes that use some ingredients.", ingredients=many(text())),
]
TRANSLATION = [
    tool(
        "translate",
        "Translate a text.",
        text=text("The text to translate"),
        target_language=text("Language to translate into"),
        formal_=flag("Whether to use a formal tone"),
    ),
    tool("detect_language", "Find out in which language a text is written.", text=text()),
]
SKY = [
    tool(
        "get_sunrise",
        "Get the time of sunrise at a place.",
        place=text(),
        date_=text("YYYY-MM-DD"),
    ),
    tool(
        "point_telescope",
        "Point the telescope at an object in the sky.",
        target=text("Name of the object"),
        exposure_seconds_=number("Exposure in seconds"),
        filter_=choice("red", "green", "blue", "clear"),
    ),
    tool("park_telescope", "Bring the telescope to its resting position."),
]

ROUND_SIX: list[Case] = [
    Case(
        "free doubles for three nights",
        HOTEL,
        "Are there any double rooms free from 3 October 2027? We would stay three nights.",
        [("check_availability", {"arrival": "2027-10-03", "nights": 3, "room_type": "double"})],
    ),
    Case(
        "things to a room",
        HOTEL,
        "Room 412 would like two towels, a hair dryer and an extra pillow."
        " Please tell housekeeping.",
        [
            (
                "request_housekeeping",
                {
                    "room_number": 412,
                    "items": [
                        one_of("two towels", "towels", "2 towels"),
                        one_of("hair dryer", "a hair dryer"),
                        one_of("extra pillow", "an extra pillow", "pillow"),
                    ],
                },
            )
        ],
    ),
    Case(
        "two wake-up calls",
        HOTEL,
        "Wake-up calls please: room 207 at quarter past six and room 311 at 7:45 am.",
        [
            ("set_wake_up_call", {"room_number": 207, "time": "06:15"}),
            ("set_wake_up_call", {"room_number": 311, "time": "07:45"}),
        ],
    ),
    Case(
        "a wake-up call without its time",
        HOTEL,
        "Could you set a wake-up call for room 118?",
        says=[("time", "when")],
    ),
    Case(
        "a bike with two faults",
        BIKES,
        "Open a ticket for Marta Lindqvist's Trek Domane: the rear brake squeals and the chain"
        " skips. It is urgent.",
        [
            (
                "open_repair_ticket",
                {
                    "customer": "Marta Lindqvist",
                    "bike": "Trek Domane",
                    "faults": [has("rear brake squeals"), has("chain skips")],
                    "urgency": "high",
                },
            )
        ],
    ),
    Case(
        "is it ready",
        BIKES,
        "Is the bike on ticket R-230 ready to be picked up yet?",
        [("get_repair_status", {"ticket_id": "R-230"})],
    ),
    Case(
        "what four of them cost",
        BIKES,
        "How much would four brake pads cost me?",
        [("quote_part", {"part": one_of("brake pads", "brake pad"), "quantity": 4})],
    ),
    Case(
        "no queen in a calm hive",
        BEES,
        "Inspected hive 7: didn't see the queen, six frames of brood, bees were calm.",
        [
            (
                "log_inspection",
                {"hive": 7, "queen_seen": False, "frames_of_brood": 6, "mood": "calm"},
            )
        ],
    ),
    Case(
        "grams into kilograms",
        BEES,
        "We took 12500 g of honey from hive 3, please record it.",
        [("record_harvest", {"hive": 3, "honey_kg": 12.5})],
    ),
    Case(
        "three scales",
        BEES,
        "How heavy are hives 2, 5 and 9?",
        [
            ("get_hive_weight", {"hive": 2}),
            ("get_hive_weight", {"hive": 5}),
            ("get_hive_weight", {"hive": 9}),
        ],
    ),
    Case(
        "charge, but not to the full",
        CAR,
        "Plug's in. Charge the car, but only to 80%.",
        [("start_charging", {"limit_percent": 80})],
    ),
    Case(
        "warm by half past seven",
        CAR,
        "I leave at half past seven in the morning; have the cabin at 21 degrees by then.",
        [("precondition_cabin", {"target_celsius": 21, "ready_at": "07:30"})],
    ),
    Case("how far", CAR, "How far can I still drive?", [("get_range", {})]),
    Case(
        "not charging any more",
        CAR,
        "Don't charge any further, and tell me the range we have.",
        [("stop_charging", {}), ("get_range", {})],
    ),
    Case(
        "a week off",
        LEAVE,
        "Priya Raman would like vacation from 2 August 2027 to 13 August 2027, please request it.",
        [
            (
                "request_leave",
                {
                    "employee": "Priya Raman",
                    "kind": "vacation",
                    "first_day": "2027-08-02",
                    "last_day": "2027-08-13",
                },
            )
        ],
    ),
    Case(
        "one yes and one no",
        LEAVE,
        "Approve LV-88 and reject LV-91 because the team would be too small.",
        [
            ("approve_leave", {"request_id": "LV-88"}),
            ("reject_leave", {"request_id": "LV-91", "reason": has("team would be too small")}),
        ],
    ),
    Case(
        "days left for two people",
        LEAVE,
        "How many days off do Tomas Weber and Aiko Mori have left?",
        [
            ("get_leave_balance", {"employee": "Tomas Weber"}),
            ("get_leave_balance", {"employee": "Aiko Mori"}),
        ],
    ),
    Case(
        "a raise is no leave",
        LEAVE,
        "Can you give Tomas Weber a raise of 5%?",
    ),
    Case(
        "a lunch on expenses",
        EXPENSES,
        "I paid 48.60 euros for a client lunch at Trattoria Bella on 2027-03-04."
        " Submit it as meals.",
        [
            (
                "submit_expense",
                {
                    "merchant": "Trattoria Bella",
                    "amount": 48.6,
                    "currency": "EUR",
                    "category": "meals",
                    "date": "2027-03-04",
                },
            )
        ],
    ),
    Case(
        "look, do not withdraw",
        EXPENSES,
        "What is in EX-204? Don't withdraw it, I only want to see it.",
        [("get_expense", {"report_id": "EX-204"})],
    ),
    Case(
        "a poll with its answers",
        SURVEY,
        'Create an anonymous poll in #offsite asking "Where shall we go?" with the options Lisbon,'
        " Ghent and Kraków.",
        [
            (
                "create_poll",
                {
                    "channel": "#offsite",
                    "question": "Where shall we go?",
                    "options": ["Lisbon", "Ghent", "Kraków"],
                    "anonymous": True,
                },
            )
        ],
    ),
    Case(
        "close the poll, then say so",
        SURVEY,
        'Close poll 57 and post "Thanks for voting!" in #offsite.',
        [
            ("close_poll", {"poll_id": 57}),
            ("post_message", {"channel": "#offsite", "text": "Thanks for voting!"}),
        ],
    ),
    Case(
        "a name in a zone",
        DNS,
        "Add a CNAME record called docs to example.net pointing to pages.example.com with a TTL of"
        " one hour.",
        [
            (
                "add_record",
                {
                    "zone": "example.net",
                    "type": "CNAME",
                    "name": "docs",
                    "value": "pages.example.com",
                    "ttl_seconds": 3600,
                },
            )
        ],
    ),
    Case(
        "the records of two zones",
        DNS,
        "Show me all the records of example.net and example.org.",
        [("list_records", {"zone": "example.net"}), ("list_records", {"zone": "example.org"})],
    ),
    Case(
        "off in production, on in staging",
        FLAGS,
        "Turn new_checkout off in production but leave it on in staging.",
        [
            (
                "set_feature_flag",
                {"flag": "new_checkout", "environment": "production", "enabled": False},
            )
        ],
    ),
    Case(
        "a quarter of the users",
        FLAGS,
        "Roll dark-mode out to 25 percent of our users.",
        [("set_rollout", {"flag": "dark-mode", "percent": 25})],
    ),
    Case(
        "who touched it",
        FLAGS,
        "Who last changed the flag beta_search?",
        [("get_flag_history", {"flag": "beta_search"})],
    ),
    Case(
        "more replicas in a namespace",
        CLUSTER,
        "Scale checkout-api in the namespace shop up to 6 replicas, then restart payment-worker.",
        [
            (
                "scale_deployment",
                {"deployment": "checkout-api", "replicas": 6, "namespace": "shop"},
            ),
            ("restart_deployment", {"deployment": "payment-worker"}),
        ],
    ),
    Case(
        "the last lines of half an hour",
        CLUSTER,
        "Give me the last 200 log lines of pod web-7f9c from the past half hour.",
        [("get_logs", {"pod": "web-7f9c", "lines": 200, "since_minutes": 30})],
    ),
    Case(
        "what draining means",
        CLUSTER,
        "What does it mean to drain a node? Only explain, don't touch anything.",
    ),
    Case(
        "from one shelf to another",
        WAREHOUSE,
        "Please move 36 pieces of TX-412 from B-07 to D-15.",
        [
            (
                "move_stock",
                {
                    "sku": "TX-412",
                    "quantity": 36,
                    "from_location": "B-07",
                    "to_location": "D-15",
                },
            )
        ],
    ),
    Case(
        "too few of them, so more",
        WAREHOUSE,
        [
            ("user", "Count TX-90, and if fewer than 20 are left, reorder 100 of them."),
            ("calls", ("count_stock", {"sku": "TX-90"})),
            ("result", {"sku": "TX-90", "in_stock": 11}),
        ],
        [("reorder", {"sku": "TX-90", "quantity": 100})],
    ),
    Case(
        "enough of them, so nothing",
        WAREHOUSE,
        [
            ("user", "Count TX-90, and if fewer than 20 are left, reorder 100 of them."),
            ("calls", ("count_stock", {"sku": "TX-90"})),
            ("result", {"sku": "TX-90", "in_stock": 64}),
        ],
        says=["64"],
    ),
    Case(
        "a guest with a diet",
        EVENTS,
        "Register Noor Haddad (noor@example.org, from Delta Foods) for the Autumn Summit."
        " She is vegan.",
        [
            (
                "register_attendee",
                {
                    "event": "Autumn Summit",
                    "attendee": {
                        "name": "Noor Haddad",
                        "email": "noor@example.org",
                        "company": "Delta Foods",
                    },
                    "diet": "vegan",
                },
            )
        ],
    ),
    Case(
        "the registration just made",
        EVENTS,
        [
            ("user", "Register Bo Chen, bo@example.org, for the Data Day."),
            (
                "calls",
                (
                    "register_attendee",
                    {
                        "event": "Data Day",
                        "attendee": {"name": "Bo Chen", "email": "bo@example.org"},
                    },
                ),
            ),
            ("result", {"registration_id": "REG-641", "status": "confirmed"}),
            ("assistant", "Bo Chen is registered for the Data Day (REG-641)."),
            ("user", "Sorry, he can't come after all. Cancel that registration."),
        ],
        [("cancel_registration", {"registration_id": "REG-641"})],
    ),
    Case(
        "a shopping list with amounts",
        KITCHEN,
        "Put 2 kg of flour, 1.5 l of milk and 6 pieces of lemon on the shopping list.",
        [
            (
                "add_to_shopping_list",
                {
                    "entries": [
                        {"product": "flour", "amount": 2, "unit": "kg"},
                        {"product": "milk", "amount": 1.5, "unit": "l"},
                        {"product": one_of("lemon", "lemons"), "amount": 6, "unit": "pieces"},
                    ]
                },
            )
        ],
    ),
    Case(
        "oven and timer",
        KITCHEN,
        "Preheat the oven to 200 degrees with the fan and start a timer of 12 minutes called"
        " bread.",
        [
            ("preheat_oven", {"celsius": 200, "mode": "fan"}),
            ("start_timer", {"label": "bread", "seconds": 720}),
        ],
    ),
    Case(
        "a sentence into another language",
        TRANSLATION,
        "Translate 'Where is the nearest station?' into Portuguese, and keep it informal.",
        [
            (
                "translate",
                {
                    "text": "Where is the nearest station?",
                    "target_language": "Portuguese",
                    "formal": False,
                },
            )
        ],
    ),
    Case(
        "a nebula in red",
        SKY,
        "Point the telescope at the Orion Nebula, red filter, and expose for 2 minutes.",
        [
            (
                "point_telescope",
                {
                    "target": one_of("Orion Nebula", "the Orion Nebula"),
                    "exposure_seconds": 120,
                    "filter": "red",
                },
            )
        ],
    ),
    Case(
        "what the sunrise was",
        SKY,
        [
            ("user", "When does the sun rise in Tromsø on 1 March 2027?"),
            ("calls", ("get_sunrise", {"place": "Tromsø", "date": "2027-03-01"})),
            ("result", {"place": "Tromsø", "date": "2027-03-01", "sunrise": "06:43"}),
        ],
        says=["06:43"],
    ),
]
