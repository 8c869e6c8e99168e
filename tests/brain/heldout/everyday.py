"""Held-out requests about everyday matters: travel, food, weather, home, health."""

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

FORECAST = tool(
    "get_forecast",
    "Weather forecast for a place",
    location=text("Town or city"),
    days_=whole("How many days ahead, 1 to 10", minimum=1, maximum=10),
    units_=choice("metric", "imperial"),
)
TABLE = tool(
    "reserve_table",
    "Reserve a table at a restaurant",
    restaurant=text("Name of the restaurant"),
    guests=whole("Number of guests"),
    time=text("Time of arrival, HH:MM"),
    outdoor_=flag("Whether to sit outside"),
)
TRAIN = tool(
    "find_trains",
    "Find train connections between two stations",
    origin=text("Station of departure"),
    destination=text("Station of arrival"),
    date=text("Day of travel", format="date"),
)
CONVERT = tool(
    "convert_currency",
    "Convert an amount of money from one currency into another",
    amount=number("Amount to convert"),
    from_currency=text("ISO code of the source currency", pattern="^[A-Z]{3}$"),
    to_currency=text("ISO code of the target currency", pattern="^[A-Z]{3}$"),
)
LIGHT = tool(
    "set_light",
    "Switch or dim a lamp at home",
    room=choice("kitchen", "bedroom", "hallway", "living room"),
    brightness=whole("Percent", minimum=0, maximum=100),
)
THERMOSTAT = tool(
    "set_thermostat",
    "Set the heating to a temperature in degrees",
    temperature=number("Degrees Celsius"),
)
RECIPE = tool(
    "find_recipes",
    "Find recipes that use given ingredients",
    ingredients=many(text(), "What is at hand"),
    vegetarian_=flag("Only recipes without meat"),
)
REMIND = tool(
    "create_reminder",
    "Remind the user of something at a given time",
    about=text("What to be reminded of"),
    when=text("When to remind"),
)
TRANSLATE = tool(
    "translate_text",
    "Translate a text into another language",
    text=text("The text to translate"),
    language=text("Target language"),
)
PARCEL = tool(
    "ship_parcel",
    "Order a parcel to be picked up and shipped",
    weight_kg=number("Weight in kilograms"),
    recipient=record(
        "Who receives it", name=text("Full name"), street=text(), city=text(), zip=text()
    ),
    insured_=flag("Insure the parcel"),
)
MUSIC = tool(
    "play_music",
    "Play a song or an artist",
    title_=text("Title of the song"),
    artist_=text("Who performs it"),
)
DOCTOR = tool(
    "book_appointment",
    "Book an appointment at the surgery",
    patient=text("Name of the patient"),
    doctor=text("Name of the doctor"),
    date=text("YYYY-MM-DD", format="date"),
)
HOME = [LIGHT, THERMOSTAT, MUSIC, REMIND]
TRAVEL = [FORECAST, TRAIN, CONVERT, TABLE]

CASES = [
    Case(
        "forecast with a number of days",
        TRAVEL,
        "What will the weather be like in Porto over the next 4 days?",
        [("get_forecast", {"location": "Porto", "days": 4})],
    ),
    Case(
        "two places, one tool",
        TRAVEL,
        "Compare the forecast for Bergen and Malmö, please.",
        [("get_forecast", {"location": "Bergen"}), ("get_forecast", {"location": "Malmö"})],
    ),
    Case(
        "two different tools",
        TRAVEL,
        "How is the weather in Lyon, and how much is 250 euros in Swiss francs?",
        [
            ("get_forecast", {"location": "Lyon"}),
            (
                "convert_currency",
                {"amount": 250, "from_currency": "EUR", "to_currency": "CHF"},
            ),
        ],
    ),
    Case(
        "origin and destination with a date",
        TRAVEL,
        "I need a train from Ghent to Rotterdam on 2026-05-17.",
        [
            (
                "find_trains",
                {"origin": "Ghent", "destination": "Rotterdam", "date": "2026-05-17"},
            )
        ],
    ),
    Case(
        "destination before origin, written date",
        TRAVEL,
        "Which trains go to Vienna from Graz on 3 June 2026?",
        [("find_trains", {"origin": "Graz", "destination": "Vienna", "date": "2026-06-03"})],
    ),
    Case(
        "currency by codes",
        TRAVEL,
        "Convert 1,200 USD to JPY.",
        [
            (
                "convert_currency",
                {"amount": 1200, "from_currency": "USD", "to_currency": "JPY"},
            )
        ],
    ),
    Case(
        "table outside",
        TRAVEL,
        "Please reserve a table for six at Casa Lupo at 19:30, outside if you can.",
        [
            (
                "reserve_table",
                {"restaurant": "Casa Lupo", "guests": 6, "time": "19:30", "outdoor": True},
            )
        ],
    ),
    Case(
        "table with the time missing",
        TRAVEL,
        "Can you reserve a table for two at Osteria Blu?",
        [],
        [("time", "when", "what hour")],
    ),
    Case(
        "no tool fits",
        HOME,
        "Who painted the ceiling of the Sistine Chapel?",
        [],
    ),
    Case(
        "lamp by room and percent",
        HOME,
        "Dim the bedroom lamp to 30 percent.",
        [("set_light", {"room": "bedroom", "brightness": 30})],
    ),
    Case(
        "enum of two words",
        HOME,
        "Living room light at 80% please",
        [("set_light", {"room": "living room", "brightness": 80})],
    ),
    Case(
        "two rooms with their own values",
        HOME,
        "Set the kitchen light to 100 and the hallway light to 20.",
        [
            ("set_light", {"room": "kitchen", "brightness": 100}),
            ("set_light", {"room": "hallway", "brightness": 20}),
        ],
    ),
    Case(
        "thermostat with a decimal",
        HOME,
        "It's chilly, put the heating at 21.5 degrees.",
        [("set_thermostat", {"temperature": 21.5})],
    ),
    Case(
        "reminder with subject and time",
        HOME,
        "Remind me to water the ferns tomorrow at 8am.",
        [("create_reminder", {"about": "water the ferns", "when": has("tomorrow", "8")})],
    ),
    Case(
        "quoted title and artist",
        HOME,
        'Play "Clair de lune" by Claude Debussy',
        [("play_music", {"title": "Clair de lune", "artist": "Claude Debussy"})],
    ),
    Case(
        "negated part is left out",
        HOME,
        "Turn the heating to 19 degrees but don't play any music.",
        [("set_thermostat", {"temperature": 19})],
    ),
    Case(
        "list of ingredients",
        [RECIPE, TABLE],
        "What can I cook with leeks, potatoes and cream?",
        [("find_recipes", {"ingredients": ["leeks", "potatoes", "cream"]})],
    ),
    Case(
        "list and a flag",
        [RECIPE, TABLE],
        "Find me a vegetarian recipe using chickpeas and spinach",
        [("find_recipes", {"ingredients": ["chickpeas", "spinach"], "vegetarian": True})],
    ),
    Case(
        "quoted text to translate",
        [TRANSLATE, REMIND],
        "How do you say 'the bridge is closed' in Portuguese?",
        [("translate_text", {"text": "the bridge is closed", "language": "Portuguese"})],
    ),
    Case(
        "nested recipient",
        [PARCEL, TRANSLATE],
        "Ship a 2.4 kg parcel to Hanna Berg, Storgata 12, Oslo, zip 0184. Insure it.",
        [
            (
                "ship_parcel",
                {
                    "weight_kg": 2.4,
                    "recipient": {
                        "name": "Hanna Berg",
                        "street": "Storgata 12",
                        "city": "Oslo",
                        "zip": "0184",
                    },
                    "insured": True,
                },
            )
        ],
    ),
    Case(
        "patient and doctor are two people",
        [DOCTOR, REMIND],
        "Book an appointment for Maya Lindqvist with Dr. Okafor on 12 March 2026.",
        [
            (
                "book_appointment",
                {
                    "patient": "Maya Lindqvist",
                    "doctor": one_of("Okafor", "Dr. Okafor"),
                    "date": "2026-03-12",
                },
            )
        ],
    ),
]
