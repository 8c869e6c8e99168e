"""Requests with invented tools of homes, offices and machine rooms; read after their first run.

22 of the 40 were right in that run. The kinds of miss they showed were mended since, so they no
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

LIBRARY = [
    tool("find_book", "Find books in the catalogue.", title_=text(), author_=text()),
    tool(
        "renew_loan",
        "Renew the loan of a book.",
        card_number=text("Number of the library card, e.g. L-5520"),
        weeks=whole("For how many weeks", minimum=1, maximum=4),
    ),
    tool(
        "reserve_room",
        "Reserve a study room.",
        date=text("Date (YYYY-MM-DD)"),
        start=text("Start time (HH:MM)"),
        people=whole("Number of people"),
        projector_=flag("Whether a projector is needed"),
    ),
]
VET = [
    tool(
        "book_visit",
        "Book a visit to the vet.",
        pet_name=text("Name of the animal"),
        species=choice("dog", "cat", "rabbit", "bird"),
        reason=text("Why the animal is brought in"),
        date=text("YYYY-MM-DD"),
    ),
    tool("get_vaccinations", "List the vaccinations of a pet.", pet_name=text()),
    tool(
        "order_refill",
        "Order a refill of a medicine.",
        medicine=text(),
        packs=whole("How many packs"),
    ),
]
GARDEN = [
    tool(
        "water_zone",
        "Water one zone of the garden.",
        zone=choice("lawn", "beds", "greenhouse", "orchard"),
        minutes=whole("Duration in minutes"),
    ),
    tool("get_soil_moisture", "Read the soil moisture of a zone in percent.", zone=text()),
    tool(
        "set_frost_warning",
        "Switch the frost warning on or off.",
        enabled=flag(),
        threshold_celsius_=number("Warn below this temperature"),
    ),
]
GYM = [
    tool(
        "log_workout",
        "Record a workout in the training diary.",
        activity=choice("running", "cycling", "swimming", "rowing"),
        distance_km=number("Distance in kilometres"),
        minutes_=whole("Duration in minutes"),
    ),
    tool("cancel_class", "Cancel the booking of a class.", booking_id=text("e.g. K-204")),
    tool("list_classes", "List the classes of a day.", day=text("Day of the week")),
    tool(
        "freeze_membership",
        "Freeze a membership for a while.",
        member_id=whole(),
        start_date=text("YYYY-MM-DD"),
        end_date=text("YYYY-MM-DD"),
    ),
]
PRINTING = [
    tool(
        "print_document",
        "Print a document on an office printer.",
        file_name=text("Name of the file"),
        copies=whole(),
        color_=flag("Print in color"),
        sides_=choice("single", "double"),
    ),
    tool("get_toner_level", "Get the toner level of a printer.", printer=text("Printer name")),
    tool("cancel_print_job", "Cancel a print job.", job_id=whole()),
]
PARCELS = [
    tool(
        "create_shipment",
        "Create a shipment.",
        recipient=record(
            "Who receives the parcel",
            name=text("Full name"),
            city=text(),
            country=text(),
        ),
        weight_kg=number("Weight in kilograms"),
        service=choice("standard", "express", "overnight"),
    ),
    tool("get_rates", "Get the shipping rates to a country.", country=text(), weight_kg=number()),
    tool("hold_parcel", "Keep a parcel at the depot.", tracking_number=text()),
]
DATABASE = [
    tool(
        "create_backup",
        "Create a backup of a database.",
        database=text("Name of the database"),
        compression_=choice("none", "gzip", "zstd"),
    ),
    tool(
        "restore_backup",
        "Restore a database from a backup.",
        database=text(),
        backup_id=text("ID of the backup"),
    ),
    tool("list_slow_queries", "List slow queries.", database=text(), min_ms=whole("At least ms")),
    tool(
        "rotate_credentials",
        "Rotate the credentials of a database user.",
        username=text("Name of the database user"),
    ),
]
ALERTS = [
    tool(
        "acknowledge_alert",
        "Acknowledge an alert so that nobody else is paged.",
        alert_id=text("e.g. AL-9"),
    ),
    tool(
        "silence_alerts",
        "Silence the alerts of a service.",
        service=text(),
        hours=number("For how many hours"),
        reason_=text(),
    ),
    tool("page_engineer", "Page an engineer.", team=text("Team name"), message=text()),
    tool(
        "get_error_rate",
        "Get the error rate of a service.",
        service=text(),
        region=choice("eu", "us", "apac"),
    ),
]
INVOICES = [
    tool(
        "create_invoice",
        "Create an invoice for a client.",
        client=text("Name of the client"),
        lines=many(
            record("", description=text(), quantity=whole(), unit_price=number()),
            "Lines of the invoice",
        ),
        due_date_=text("YYYY-MM-DD"),
    ),
    tool("send_reminder", "Send a payment reminder.", invoice_number=text("e.g. INV-3001")),
    tool("mark_paid", "Mark an invoice as paid.", invoice_number=text(), paid_on=text("ISO date")),
    tool("list_overdue", "List overdue invoices.", min_days_=whole("Overdue by at least so many")),
]
TRAINS = [
    tool(
        "search_trains",
        "Search train connections.",
        origin=text("Departure station"),
        destination=text("Arrival station"),
        date=text("YYYY-MM-DD"),
        travel_class_=choice("first", "second"),
    ),
    tool(
        "reserve_seat",
        "Reserve a seat on a train.",
        train_number=text("e.g. IC 512"),
        position=choice("window", "aisle"),
    ),
    tool("get_delay", "Get the current delay of a train in minutes.", train_number=text()),
]
CLASSROOM = [
    tool(
        "create_quiz",
        "Create a quiz for a class.",
        topic=text(),
        questions=whole("Number of questions"),
        difficulty_=choice("easy", "medium", "hard"),
    ),
    tool("record_grade", "Record the grade of a student.", student=text(), points=whole()),
    tool("notify_parents", "Send a note to the parents of a student.", student=text(), note=text()),
]
MUSIC = [
    tool("play", "Play music.", artist_=text(), album_=text(), genre_=text()),
    tool("set_volume", "Set the volume of a speaker.", speaker=text(), percent=whole()),
    tool(
        "create_playlist",
        "Create a playlist.",
        name=text("Name of the playlist"),
        songs=many(text(), "Titles of the songs"),
        public_=flag("Whether others can see it"),
    ),
]

ROUND_FIVE: list[Case] = [
    Case(
        "a book by its author",
        LIBRARY,
        "Do you have anything by Ursula Le Guin?",
        [("find_book", {"author": "Ursula Le Guin"})],
    ),
    Case(
        "a loan for longer",
        LIBRARY,
        "I need more time with my book. Please renew the loan on card L-5520 for three weeks.",
        [("renew_loan", {"card_number": "L-5520", "weeks": 3})],
    ),
    Case(
        "a study room with a projector",
        LIBRARY,
        "Reserve a study room for 5 people on 14 May 2027 at 15:30, and we need a projector.",
        [
            (
                "reserve_room",
                {"date": "2027-05-14", "start": "15:30", "people": 5, "projector": True},
            )
        ],
    ),
    Case(
        "a study room without one",
        LIBRARY,
        "Could I get a study room on 2027-02-08 from 9:00? We're four people, no projector needed.",
        [
            (
                "reserve_room",
                {
                    "date": "2027-02-08",
                    "start": one_of("09:00", "9:00"),
                    "people": 4,
                    "projector": False,
                },
            )
        ],
    ),
    Case(
        "a limping dog",
        VET,
        "My dog Biscuit is limping. Can you book a visit for 2027-03-02?",
        [
            (
                "book_visit",
                {
                    "pet_name": "Biscuit",
                    "species": "dog",
                    "reason": has("limping"),
                    "date": "2027-03-02",
                },
            )
        ],
    ),
    Case(
        "which shots",
        VET,
        "Which vaccinations has Pepper had so far?",
        [("get_vaccinations", {"pet_name": "Pepper"})],
    ),
    Case(
        "a refill and shots",
        VET,
        "Order two packs of Metacam and show me the vaccinations of Olive.",
        [
            ("order_refill", {"medicine": "Metacam", "packs": 2}),
            ("get_vaccinations", {"pet_name": "Olive"}),
        ],
    ),
    Case(
        "a question that no vet's tool answers",
        VET,
        "Are cats happier in pairs, in general?",
    ),
    Case(
        "two zones, two durations",
        GARDEN,
        "Water the lawn for 20 minutes and the orchard for 45 minutes.",
        [
            ("water_zone", {"zone": "lawn", "minutes": 20}),
            ("water_zone", {"zone": "orchard", "minutes": 45}),
        ],
    ),
    Case(
        "dry soil",
        GARDEN,
        "How dry is the soil in the greenhouse?",
        [("get_soil_moisture", {"zone": one_of("greenhouse", "the greenhouse")})],
    ),
    Case(
        "a warning off",
        GARDEN,
        "It is June, so turn the frost warning off.",
        [("set_frost_warning", {"enabled": False})],
    ),
    Case(
        "water only what is dry",
        GARDEN,
        [
            ("user", "Check the soil moisture of the beds, and then water them for 10 minutes."),
            ("calls", ("get_soil_moisture", {"zone": "beds"})),
            ("result", {"zone": "beds", "moisture_percent": 12}),
        ],
        [("water_zone", {"zone": "beds", "minutes": 10})],
    ),
    Case(
        "a swim",
        GYM,
        "I swam 1.5 km in 40 minutes today, log that please.",
        [("log_workout", {"activity": "swimming", "distance_km": 1.5, "minutes": 40})],
    ),
    Case(
        "a class given up",
        GYM,
        "I can't make it on Thursday after all. Cancel my class, the booking is K-877.",
        [("cancel_class", {"booking_id": "K-877"})],
    ),
    Case(
        "a frozen membership",
        GYM,
        "Please freeze membership 60118 from July 1, 2027 until August 15, 2027.",
        [
            (
                "freeze_membership",
                {"member_id": 60118, "start_date": "2027-07-01", "end_date": "2027-08-15"},
            )
        ],
    ),
    Case(
        "classes, but no cancelling",
        GYM,
        "Don't cancel anything yet, just list the classes on Saturday.",
        [("list_classes", {"day": "Saturday"})],
    ),
    Case(
        "copies on both sides",
        PRINTING,
        "Print minutes-october.pdf, 12 copies, double sided, not in color.",
        [
            (
                "print_document",
                {
                    "file_name": "minutes-october.pdf",
                    "copies": 12,
                    "sides": "double",
                    "color": False,
                },
            )
        ],
    ),
    Case(
        "toner of two printers",
        PRINTING,
        "What's the toner level of printers Falcon and Heron?",
        [
            ("get_toner_level", {"printer": "Falcon"}),
            ("get_toner_level", {"printer": "Heron"}),
        ],
    ),
    Case(
        "a job to stop, without its number",
        PRINTING,
        "Stop my print job!",
        says=[("job", "id", "number", "which")],
    ),
    Case(
        "a parcel abroad",
        PARCELS,
        "Ship a 2.4 kg parcel to Ingrid Solberg in Bergen, Norway, by express.",
        [
            (
                "create_shipment",
                {
                    "recipient": {"name": "Ingrid Solberg", "city": "Bergen", "country": "Norway"},
                    "weight_kg": 2.4,
                    "service": "express",
                },
            )
        ],
    ),
    Case(
        "rates to two countries",
        PARCELS,
        "How much is it to send 3 kg to Portugal and to Chile?",
        [
            ("get_rates", {"country": "Portugal", "weight_kg": 3}),
            ("get_rates", {"country": "Chile", "weight_kg": 3}),
        ],
    ),
    Case(
        "a parcel that waits",
        PARCELS,
        "I'm on holiday until Sunday. Keep parcel 1Z77X40 at the depot, please.",
        [("hold_parcel", {"tracking_number": "1Z77X40"})],
    ),
    Case(
        "a compressed backup",
        DATABASE,
        "create a zstd compressed backup of orders_prod",
        [("create_backup", {"database": "orders_prod", "compression": "zstd"})],
    ),
    Case(
        "restored from what was listed",
        DATABASE,
        [
            ("user", "Back up the inventory database."),
            ("calls", ("create_backup", {"database": "inventory"})),
            ("result", {"backup_id": "bk-20270114-a", "database": "inventory", "size_mb": 812}),
            ("assistant", "The backup bk-20270114-a of inventory is done."),
            ("user", "I broke something. Restore inventory from that backup."),
        ],
        [("restore_backup", {"database": "inventory", "backup_id": "bk-20270114-a"})],
    ),
    Case(
        "slow queries",
        DATABASE,
        "Which queries on the analytics database take longer than 500 ms?",
        [("list_slow_queries", {"database": "analytics", "min_ms": 500})],
    ),
    Case(
        "new credentials for two users",
        DATABASE,
        "Rotate the credentials of report_reader and of etl_writer.",
        [
            ("rotate_credentials", {"username": "report_reader"}),
            ("rotate_credentials", {"username": "etl_writer"}),
        ],
    ),
    Case(
        "an alert taken",
        ALERTS,
        "I'm on it, ack AL-731",
        [("acknowledge_alert", {"alert_id": "AL-731"})],
    ),
    Case(
        "silence with a reason",
        ALERTS,
        "Silence the alerts of payment-gateway for 2 hours because we are migrating the database.",
        [
            (
                "silence_alerts",
                {"service": "payment-gateway", "hours": 2, "reason": has("migrating")},
            )
        ],
    ),
    Case(
        "a page with a message",
        ALERTS,
        'Page the storage team: "Disk on node-14 is 97% full".',
        [
            (
                "page_engineer",
                {
                    "team": one_of("storage", "storage team", "the storage team"),
                    "message": "Disk on node-14 is 97% full",
                },
            )
        ],
    ),
    Case(
        "an error rate in two regions",
        ALERTS,
        "Compare the error rate of search-api in EU and APAC.",
        [
            ("get_error_rate", {"service": "search-api", "region": "eu"}),
            ("get_error_rate", {"service": "search-api", "region": "apac"}),
        ],
    ),
    Case(
        "an invoice with two lines",
        INVOICES,
        "Invoice Brightwater Ltd for 3 desk lamps at 49.90 each and 1 standing desk at 380.",
        [
            (
                "create_invoice",
                {
                    "client": "Brightwater Ltd",
                    "lines": [
                        {
                            "description": one_of("desk lamps", "desk lamp"),
                            "quantity": 3,
                            "unit_price": 49.9,
                        },
                        {"description": "standing desk", "quantity": 1, "unit_price": 380},
                    ],
                },
            )
        ],
    ),
    Case(
        "paid on a day",
        INVOICES,
        "INV-3377 was paid on 3 February 2027, please mark it.",
        [("mark_paid", {"invoice_number": "INV-3377", "paid_on": "2027-02-03"})],
    ),
    Case(
        "overdue, then a reminder",
        INVOICES,
        [
            ("user", "List the invoices overdue by 30 days or more, then remind each client."),
            ("calls", ("list_overdue", {"min_days": 30})),
            (
                "result",
                [
                    {"invoice_number": "INV-2901", "client": "Oakline", "days": 41},
                    {"invoice_number": "INV-2950", "client": "Petra Foods", "days": 33},
                ],
            ),
        ],
        [
            ("send_reminder", {"invoice_number": "INV-2901"}),
            ("send_reminder", {"invoice_number": "INV-2950"}),
        ],
    ),
    Case(
        "a train first class",
        TRAINS,
        "I want to go from Zürich to Milan on 2027-06-19, first class.",
        [
            (
                "search_trains",
                {
                    "origin": "Zürich",
                    "destination": "Milan",
                    "date": "2027-06-19",
                    "travel_class": "first",
                },
            )
        ],
    ),
    Case(
        "a seat and a delay",
        TRAINS,
        "Is IC 512 late? And reserve me a window seat on IC 840.",
        [
            ("get_delay", {"train_number": "IC 512"}),
            ("reserve_seat", {"train_number": "IC 840", "position": "window"}),
        ],
    ),
    Case(
        "the delay was told",
        TRAINS,
        [
            ("user", "Is train EC 9 on time?"),
            ("calls", ("get_delay", {"train_number": "EC 9"})),
            ("result", {"train_number": "EC 9", "delay_minutes": 18}),
        ],
        says=["18"],
    ),
    Case(
        "a hard quiz",
        CLASSROOM,
        "Make a hard quiz about photosynthesis with 8 questions.",
        [("create_quiz", {"topic": "photosynthesis", "questions": 8, "difficulty": "hard"})],
    ),
    Case(
        "grades of three students",
        CLASSROOM,
        "Record these grades: Amir 17 points, Lotte 14 points, Joaquin 19 points.",
        [
            ("record_grade", {"student": "Amir", "points": 17}),
            ("record_grade", {"student": "Lotte", "points": 14}),
            ("record_grade", {"student": "Joaquin", "points": 19}),
        ],
    ),
    Case(
        "a private playlist",
        MUSIC,
        "Create a private playlist called Sunday Drive with Graceland, Heroes and Landslide.",
        [
            (
                "create_playlist",
                {
                    "name": "Sunday Drive",
                    "songs": ["Graceland", "Heroes", "Landslide"],
                    "public": False,
                },
            )
        ],
    ),
    Case(
        "jazz, and louder",
        MUSIC,
        "Play some jazz and set the kitchen speaker to 40 percent.",
        [
            ("play", {"genre": "jazz"}),
            (
                "set_volume",
                {
                    "speaker": one_of("kitchen", "kitchen speaker", "the kitchen speaker"),
                    "percent": 40,
                },
            ),
        ],
    ),
]
