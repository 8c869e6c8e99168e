"""Requests of a third round: written without a look at the brain's rules, when these were finished.

13 of the 20 were right in their first run. They have been read since, and the kinds of miss that
they showed were mended (booleans, questions of state, conversions of units, verbs with a particle,
lists behind their own name, two deeds on one kind of thing). What they give today says that nothing
got lost, not how the brain does on tools that it has never met.
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

HOME = [
    tool("set_temperature", "Set a room's heating", room=text("Room"), celsius=number("Target")),
    tool("switch_light", "Turn a light on or off", room=text("Room"), on=flag("On or off")),
    tool("lock_door", "Lock a door", door=text("Which door")),
]
AIRLINE = [
    tool(
        "search_flights",
        "Search flights between two airports",
        origin=text("City of departure"),
        destination=text("City of arrival"),
        date=text("Date, YYYY-MM-DD"),
        cabin_=choice("economy", "business"),
    ),
    tool("flight_status", "Status of a flight", flight_number=text("For example LH123")),
    tool(
        "add_bag",
        "Add luggage to a booking",
        booking_code=text("Booking code"),
        bags=whole("How many"),
    ),
]
KITCHEN = [
    tool("find_recipe", "Find recipes by ingredients", ingredients=many(text(), "Ingredients")),
    tool("convert_units", "Convert a quantity", value=number(), source=text(), target=text()),
    tool("start_timer", "Start a kitchen timer", minutes=whole("Minutes"), label_=text("Label")),
]
SCHOOL = [
    tool("enroll_student", "Enrol a student in a course", student=text("Name"), course=text()),
    tool("list_grades", "Show the grades of a student", student=text("Name")),
    tool(
        "email_parent",
        "Write to a parent",
        address=text("E-mail address"),
        message=text("The message"),
    ),
]
TRACKER = [
    tool(
        "create_issue",
        "Create an issue in the tracker",
        title=text("Short title"),
        priority=choice("low", "medium", "high", "urgent"),
        labels_=many(text(), "Labels"),
    ),
    tool("assign_issue", "Assign an issue", issue_id=whole("Number"), assignee=text("Person")),
    tool("close_issue", "Close an issue", issue_id=whole("Number")),
]
HOTEL = [
    tool(
        "book_room",
        "Book a hotel room",
        guest=record("Who stays", name=text("Full name"), email=text("E-mail")),
        nights=whole("Number of nights"),
        room_type=choice("single", "double", "suite"),
    ),
    tool(
        "room_price", "Price of a room for a night", room_type=choice("single", "double", "suite")
    ),
]
FARM = [
    tool("soil_moisture", "Read the soil moisture of a field", field=text("Field")),
    tool("open_valve", "Water a field", field=text("Field"), minutes=whole("Minutes")),
    tool("rain_forecast", "Expected rain for a place", place=text("Place")),
]

ROUND_THREE: list[Case] = [
    Case(
        "heating with a decimal",
        HOME,
        "It's chilly. Please heat the nursery to 21.5 degrees.",
        [("set_temperature", {"room": one_of("nursery", "the nursery"), "celsius": 21.5})],
    ),
    Case(
        "two switches, one off",
        HOME,
        "Turn off the light in the hallway and lock the back door.",
        [
            ("switch_light", {"room": one_of("hallway", "the hallway"), "on": False}),
            ("lock_door", {"door": one_of("back door", "the back door", "back")}),
        ],
    ),
    Case(
        "light on in two rooms",
        HOME,
        "Switch on the lights in the kitchen and the bathroom, would you?",
        [
            ("switch_light", {"room": one_of("kitchen", "the kitchen"), "on": True}),
            ("switch_light", {"room": one_of("bathroom", "the bathroom"), "on": True}),
        ],
    ),
    Case(
        "flight search in business",
        AIRLINE,
        "I need a business class flight from Lisbon to Oslo on 2027-02-14.",
        [
            (
                "search_flights",
                {
                    "origin": "Lisbon",
                    "destination": "Oslo",
                    "date": "2027-02-14",
                    "cabin": "business",
                },
            )
        ],
    ),
    Case(
        "is it late",
        AIRLINE,
        "Is TP762 running late today?",
        [("flight_status", {"flight_number": "TP762"})],
    ),
    Case(
        "luggage in words",
        AIRLINE,
        "Please put two more suitcases on my booking K7QX2M.",
        [("add_bag", {"booking_code": "K7QX2M", "bags": 2})],
    ),
    Case(
        "thanks need no tool",
        AIRLINE,
        "Thank you, that was all I wanted to know.",
    ),
    Case(
        "ingredients as a list",
        KITCHEN,
        "What can I cook with chickpeas, spinach and feta?",
        [("find_recipe", {"ingredients": ["chickpeas", "spinach", "feta"]})],
    ),
    Case(
        "conversion",
        KITCHEN,
        "How many grams are 12 ounces?",
        [
            (
                "convert_units",
                {"value": 12, "source": one_of("ounces", "ounce"), "target": one_of("grams")},
            )
        ],
    ),
    Case(
        "timer with a label",
        KITCHEN,
        'Start a timer for 45 minutes, labelled "bread".',
        [("start_timer", {"minutes": 45, "label": "bread"})],
    ),
    Case(
        "enrolment",
        SCHOOL,
        "Sign Amara Okafor up for Organic Chemistry.",
        [("enroll_student", {"student": "Amara Okafor", "course": "Organic Chemistry"})],
    ),
    Case(
        "grades, then a message with them",
        SCHOOL,
        [
            ("user", "Look up Leon Brandt's grades and mail them to brandt@family.example."),
            ("calls", ("list_grades", {"student": "Leon Brandt"})),
            ("result", {"student": "Leon Brandt", "grades": {"history": "B", "physics": "A"}}),
        ],
        [
            (
                "email_parent",
                {"address": "brandt@family.example", "message": has("history", "physics")},
            )
        ],
    ),
    Case(
        "grades told",
        SCHOOL,
        [
            ("user", "How is Leon Brandt doing at school?"),
            ("calls", ("list_grades", {"student": "Leon Brandt"})),
            ("result", {"student": "Leon Brandt", "grades": {"history": "B", "physics": "A"}}),
        ],
        says=["history", "physics"],
    ),
    Case(
        "issue with priority and labels",
        TRACKER,
        'Open an urgent issue titled "Login page is blank", labels frontend and regression.',
        [
            (
                "create_issue",
                {
                    "title": "Login page is blank",
                    "priority": "urgent",
                    "labels": ["frontend", "regression"],
                },
            )
        ],
    ),
    Case(
        "assign and close",
        TRACKER,
        "Give issue 318 to Mehmet and close 295.",
        [
            ("assign_issue", {"issue_id": 318, "assignee": "Mehmet"}),
            ("close_issue", {"issue_id": 295}),
        ],
    ),
    Case(
        "a number from before",
        TRACKER,
        [
            ("user", "I have just found out that issue 512 is a duplicate."),
            ("assistant", "Shall I do something about it?"),
            ("user", "Yes, close it please."),
        ],
        [("close_issue", {"issue_id": 512})],
    ),
    Case(
        "a nested guest",
        HOTEL,
        "Book a double for Yuki Tanaka (yuki@tanaka.example), three nights.",
        [
            (
                "book_room",
                {
                    "guest": {"name": "Yuki Tanaka", "email": "yuki@tanaka.example"},
                    "nights": 3,
                    "room_type": "double",
                },
            )
        ],
    ),
    Case(
        "a price, not a booking",
        HOTEL,
        "What would a suite cost me per night?",
        [("room_price", {"room_type": "suite"})],
    ),
    Case(
        "water after a dry reading",
        FARM,
        [
            ("user", "Check how wet the orchard is, then water it for 20 minutes."),
            ("calls", ("soil_moisture", {"field": "orchard"})),
            ("result", {"field": "orchard", "moisture": 0.11}),
        ],
        [("open_valve", {"field": one_of("orchard", "the orchard"), "minutes": 20})],
    ),
    Case(
        "rain in two places",
        FARM,
        "Will it rain in Evora or in Beja tomorrow?",
        [
            ("rain_forecast", {"place": "Evora"}),
            ("rain_forecast", {"place": "Beja"}),
        ],
    ),
]
