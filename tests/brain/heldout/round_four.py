"""Unseen requests with tools as an engineer would bring them: written before anybody ran them."""

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

TRIP = [
    tool(
        "get_current_weather",
        "Get the current weather in a given location",
        location=text("The city and state, e.g. San Francisco, CA"),
        unit_=choice("celsius", "fahrenheit"),
    ),
    tool(
        "search_hotels",
        "Search available hotels in a city.",
        city=text(),
        check_in=text("Check-in date (YYYY-MM-DD)"),
        check_out=text("Check-out date (YYYY-MM-DD)"),
        max_price_=number("Maximum price per night"),
    ),
    tool(
        "check_visa",
        "Check whether a traveller needs a visa.",
        nationality=text(),
        destination_country=text(),
    ),
]
CRM = [
    tool(
        "get_customer",
        "Fetch a customer record by ID.",
        customer_id=text("Customer ID, e.g. C-1042"),
    ),
    tool(
        "update_deal_stage",
        "Move a deal to another stage of the sales pipeline.",
        deal_id=text("Deal ID"),
        stage=choice("prospecting", "negotiation", "closed_won", "closed_lost"),
    ),
    tool(
        "log_call",
        "Log a phone call with a contact",
        contact=text("Name of the contact"),
        notes=text("What was said"),
        duration_minutes_=whole(),
    ),
]
CLUSTER = [
    tool("list_pods", "List pods in a Kubernetes namespace.", namespace=text()),
    tool(
        "get_cpu_usage",
        "Returns the average CPU usage of a service.",
        service=text("Service name"),
        minutes=whole("Look-back window in minutes"),
    ),
    tool(
        "set_feature_flag",
        "Enable or disable a feature flag in one environment.",
        name=text("Name of the flag"),
        enabled=flag(),
        environment=choice("dev", "staging", "production"),
    ),
]
HIRING = [
    tool(
        "schedule_interview",
        "Schedule an interview with a candidate.",
        candidate=text("Full name of the candidate"),
        date=text("Date of the interview (YYYY-MM-DD)"),
        interviewers=many(text(), "Names of the interviewers"),
        remote_=flag("True for a video interview"),
    ),
    tool(
        "get_leave_balance",
        "Returns the number of vacation days an employee has left.",
        employee_id=whole("Employee ID"),
    ),
    tool(
        "post_job",
        "Publish a job opening",
        title=text("Job title"),
        location=text(),
        employment_type=choice("full_time", "part_time", "contract", "internship"),
    ),
]
MEALS = [
    tool(
        "add_to_shopping_list",
        "Add items to the shopping list.",
        items=many(text(), "Items to add"),
    ),
    tool(
        "scale_recipe",
        "Rescale a recipe to a different number of servings and list its ingredients.",
        recipe=text("Name of the recipe"),
        servings=whole(),
    ),
    tool(
        "plan_meal",
        "Put a dish on the weekly meal plan.",
        day=text("Day of the week"),
        meal=choice("breakfast", "lunch", "dinner"),
        dish=text(),
    ),
]
SMART_HOME = [
    tool(
        "start_vacuum",
        "Send the robot vacuum to clean a room.",
        room=text(),
        mode_=choice("quiet", "normal", "turbo"),
    ),
    tool(
        "set_blinds",
        "Move the blinds of a room",
        room=text(),
        position=whole("0 is fully closed, 100 fully open", minimum=0, maximum=100),
    ),
    tool("arm_alarm", "Arm the alarm system.", mode=choice("home", "away", "night")),
]
MONEY = [
    tool(
        "record_expense",
        "Record an expense in the household budget.",
        amount=number(),
        category=choice("groceries", "transport", "rent", "entertainment", "health"),
    ),
    tool(
        "calculate_loan_payment",
        "Calculate the monthly payment of a loan.",
        principal=number("Loan amount"),
        annual_rate=number("Annual interest rate in percent"),
        years=whole("Term of the loan in years"),
    ),
    tool(
        "list_transactions",
        "List the transactions of an account in a date range.",
        account=text("Account number"),
        start_date=text("First day, YYYY-MM-DD"),
        end_date=text("Last day, YYYY-MM-DD"),
        min_amount_=number("Only transactions of at least this amount"),
    ),
]
SUPPORT = [
    tool(
        "search_tickets",
        "Search support tickets. All filters are optional.",
        status_=choice("open", "pending", "solved"),
        assignee_=text("Name of the agent"),
    ),
    tool(
        "escalate_ticket",
        "Escalate a ticket to another team.",
        ticket_id=whole(),
        team=choice("billing", "engineering", "legal"),
    ),
    tool(
        "add_internal_note",
        "Add an internal note to a ticket (not visible to the customer).",
        ticket_id=whole(),
        note=text("Text of the note"),
    ),
    tool(
        "search_help_center",
        "Useful when you need to find help center articles on a topic.",
        query=text("Search terms"),
    ),
]
CALENDAR = [
    tool(
        "create_event",
        "Create a calendar event.",
        title=text("Title of the event"),
        date=text("YYYY-MM-DD"),
        start_time=text("HH:MM, 24-hour clock"),
        location_=text(),
    ),
    tool("list_events", "List all events on a given day.", date=text("YYYY-MM-DD")),
    tool("delete_event", "Delete a calendar event.", event_id=text("ID of the event")),
    tool(
        "find_free_slot",
        "Find a time at which all participants are free.",
        participants=many(text(), "Names of the participants"),
        date=text("YYYY-MM-DD"),
        duration_minutes=whole(),
    ),
]
REPOSITORY = [
    tool(
        "create_pull_request",
        "Open a pull request.",
        title=text(),
        head=text("Branch that contains the changes"),
        base=text("Branch to merge into"),
        draft_=flag("Open as a draft"),
    ),
    tool(
        "search_code",
        "Search the code of the repository.",
        query=text("Search term"),
        language_=text("Programming language to restrict the search to"),
    ),
    tool(
        "get_file_history",
        "Get the commits that changed a file.",
        path=text("Path of the file in the repository"),
        limit_=whole("Maximum number of commits to return"),
    ),
]
FREIGHT = [
    tool(
        "track_container",
        "Get the current status of a shipping container.",
        container_number=text("Container number, e.g. MSKU1234567"),
    ),
    tool(
        "open_customs_case",
        "Open a case with the customs broker.",
        container_number=text(),
    ),
    tool(
        "schedule_pickup",
        "Schedule a pallet pickup.",
        address=record("Pickup address", street=text(), city=text(), postal_code=text()),
        pallets=whole("Number of pallets"),
        date=text("Pickup date (YYYY-MM-DD)"),
    ),
    tool(
        "get_driving_distance",
        "Distance by road between two cities in km",
        origin=text(),
        destination=text(),
        avoid_tolls_=flag("Avoid toll roads"),
    ),
]
STORE = [
    tool(
        "search_products",
        "Search the product catalog.",
        query=text("What the customer is looking for"),
        max_price_=number(),
        in_stock_only_=flag("Hide products that are out of stock"),
    ),
    tool(
        "add_to_cart",
        "Add a product to the shopping cart.",
        product_id=text("Product ID"),
        quantity=whole(),
    ),
    tool("apply_coupon", "Apply a coupon to the cart.", code=text("Coupon code")),
    tool("get_return_policy", "Returns the store's return policy."),
]

ROUND_FOUR: list[Case] = [
    Case(
        "weather in a unit",
        TRIP,
        "hey, what's the weather like in Denver right now? in fahrenheit please",
        [
            (
                "get_current_weather",
                {
                    "location": one_of("Denver", "Denver, CO", "Denver, Colorado"),
                    "unit": "fahrenheit",
                },
            )
        ],
    ),
    Case(
        "hotel with a limit",
        TRIP,
        "We'd love a hotel in Kraków from 2026-09-04 to 2026-09-08, nothing over 140 a night.",
        [
            (
                "search_hotels",
                {
                    "city": one_of("Kraków", "Krakow"),
                    "check_in": "2026-09-04",
                    "check_out": "2026-09-08",
                    "max_price": 140,
                },
            )
        ],
    ),
    Case(
        "weather in two cities",
        TRIP,
        "I'm packing for a trip. What's the weather in Chicago and in Boston at the moment?",
        [
            ("get_current_weather", {"location": one_of("Chicago", "Chicago, IL")}),
            ("get_current_weather", {"location": one_of("Boston", "Boston, MA")}),
        ],
    ),
    Case(
        "a deal is won",
        CRM,
        "Good news, they signed this morning! Please move deal D-318 to closed won.",
        [("update_deal_stage", {"deal_id": "D-318", "stage": "closed_won"})],
    ),
    Case(
        "a call with its length",
        CRM,
        "Log a call with Beatriz Nunes, 25 minutes: she wants a revised quote by Friday.",
        [
            (
                "log_call",
                {
                    "contact": "Beatriz Nunes",
                    "notes": has("revised quote", "Friday"),
                    "duration_minutes": 25,
                },
            )
        ],
    ),
    Case(
        "a customer and a lost deal",
        CRM,
        "Can you pull up customer C-2207? Also move deal D-77 to closed lost.",
        [
            ("get_customer", {"customer_id": "C-2207"}),
            ("update_deal_stage", {"deal_id": "D-77", "stage": "closed_lost"}),
        ],
    ),
    Case(
        "pods",
        CLUSTER,
        "list pods in kube-system",
        [("list_pods", {"namespace": "kube-system"})],
    ),
    Case(
        "load of a service",
        CLUSTER,
        "How much CPU has billing-worker been using over the last 30 minutes?",
        [("get_cpu_usage", {"service": "billing-worker", "minutes": 30})],
    ),
    Case(
        "a flag goes off",
        CLUSTER,
        "turn off the new-checkout flag in staging",
        [
            (
                "set_feature_flag",
                {"name": "new-checkout", "enabled": False, "environment": "staging"},
            )
        ],
    ),
    Case(
        "a flag without an environment",
        CLUSTER,
        "Could you enable the dark-mode flag?",
        says=[("environment", "staging", "production")],
    ),
    Case(
        "days left for somebody",
        HIRING,
        "Quick question: how many vacation days does employee 4471 have left?",
        [("get_leave_balance", {"employee_id": 4471})],
    ),
    Case(
        "interview with two interviewers",
        HIRING,
        "Please set up a remote interview with Kofi Mensah on 2026-11-03. The interviewers are "
        "Dana Whitlock and Sven Aalto.",
        [
            (
                "schedule_interview",
                {
                    "candidate": "Kofi Mensah",
                    "date": "2026-11-03",
                    "interviewers": ["Dana Whitlock", "Sven Aalto"],
                    "remote": True,
                },
            )
        ],
    ),
    Case(
        "a job opening",
        HIRING,
        "We need a part-time bookkeeper in Leeds. Could you post the job?",
        [
            (
                "post_job",
                {
                    "title": one_of("bookkeeper", "part-time bookkeeper"),
                    "location": "Leeds",
                    "employment_type": "part_time",
                },
            )
        ],
    ),
    Case(
        "advice on a rejection",
        HIRING,
        "How do I tell somebody that they didn't get the job without crushing them?",
    ),
    Case(
        "things that ran out",
        MEALS,
        "we're out of milk, eggs and dish soap, put them on the shopping list",
        [("add_to_shopping_list", {"items": ["milk", "eggs", "dish soap"]})],
    ),
    Case(
        "two meals planned",
        MEALS,
        "For the meal plan: lasagne for dinner on Tuesday and pancakes for breakfast on Sunday.",
        [
            ("plan_meal", {"day": "Tuesday", "meal": "dinner", "dish": "lasagne"}),
            ("plan_meal", {"day": "Sunday", "meal": "breakfast", "dish": "pancakes"}),
        ],
    ),
    Case(
        "ingredients onto the list",
        MEALS,
        [
            (
                "user",
                "Scale the shakshuka to 6 servings, then put the ingredients on my shopping list.",
            ),
            ("calls", ("scale_recipe", {"recipe": "shakshuka", "servings": 6})),
            (
                "result",
                {
                    "recipe": "shakshuka",
                    "servings": 6,
                    "ingredients": ["9 eggs", "1.2 kg tomatoes", "3 peppers"],
                },
            ),
        ],
        [
            (
                "add_to_shopping_list",
                {
                    "items": one_of(
                        ["9 eggs", "1.2 kg tomatoes", "3 peppers"],
                        ["eggs", "tomatoes", "peppers"],
                    )
                },
            )
        ],
    ),
    Case(
        "blinds against the sun",
        SMART_HOME,
        "The sun is blinding me. Set the blinds in the study to 20, please.",
        [("set_blinds", {"room": one_of("study", "the study"), "position": 20})],
    ),
    Case(
        "leaving the house",
        SMART_HOME,
        "We're off for the weekend, so set the alarm to away and vacuum the living room on turbo.",
        [
            ("arm_alarm", {"mode": "away"}),
            (
                "start_vacuum",
                {"room": one_of("living room", "the living room"), "mode": "turbo"},
            ),
        ],
    ),
    Case(
        "a door that no tool opens",
        SMART_HOME,
        "Could you open the garage door for me?",
    ),
    Case(
        "an expense",
        MONEY,
        "Just spent 54.20 on groceries, please record that.",
        [("record_expense", {"amount": 54.2, "category": "groceries"})],
    ),
    Case(
        "a loan",
        MONEY,
        "What would I pay each month on a 240,000 loan at 3.8% over 25 years?",
        [
            (
                "calculate_loan_payment",
                {"principal": 240000, "annual_rate": 3.8, "years": 25},
            )
        ],
    ),
    Case(
        "transactions of a month",
        MONEY,
        "Show me all transactions of 500 or more on account GB-7781 between 1 March 2026 and "
        "31 March 2026.",
        [
            (
                "list_transactions",
                {
                    "account": "GB-7781",
                    "start_date": "2026-03-01",
                    "end_date": "2026-03-31",
                    "min_amount": 500,
                },
            )
        ],
    ),
    Case(
        "a loan without its terms",
        MONEY,
        "I'm thinking about buying a flat. What would the monthly payment on a loan be?",
        says=[("amount", "principal", "rate", "years", "how much", "how long")],
    ),
    Case(
        "tickets of an agent",
        SUPPORT,
        "which pending tickets are assigned to Marisol?",
        [("search_tickets", {"status": "pending", "assignee": "Marisol"})],
    ),
    Case(
        "a note, then an escalation",
        SUPPORT,
        "Add a note to ticket 19950 saying that Lars approved the refund, and escalate it to "
        "billing.",
        [
            (
                "add_internal_note",
                {"ticket_id": 19950, "note": has("Lars", "approved", "refund")},
            ),
            ("escalate_ticket", {"ticket_id": 19950, "team": "billing"}),
        ],
    ),
    Case(
        "an article was found",
        SUPPORT,
        [
            ("user", "Do we have a help center article on resetting two-factor authentication?"),
            ("calls", ("search_help_center", {"query": "reset two-factor authentication"})),
            (
                "result",
                [
                    {
                        "title": "Reset your 2FA device",
                        "url": "https://help.example.com/articles/2fa-device",
                    }
                ],
            ),
        ],
        says=[("Reset your 2FA device", "articles/2fa-device")],
    ),
    Case(
        "the dentist, agreed upon",
        CALENDAR,
        [
            ("user", "I finally got hold of the dentist!"),
            ("assistant", "Great! Do you want me to put the appointment into your calendar?"),
            ("user", 'Yes please. 2026-10-12 at 09:30, just call it "Dentist".'),
        ],
        [
            (
                "create_event",
                {"title": "Dentist", "date": "2026-10-12", "start_time": "09:30"},
            )
        ],
    ),
    Case(
        "the event behind a title",
        CALENDAR,
        [
            ("user", "Please delete the standup on 2026-10-05, nobody is in."),
            ("calls", ("list_events", {"date": "2026-10-05"})),
            (
                "result",
                [
                    {"id": "ev_81", "title": "Standup", "start": "09:15"},
                    {"id": "ev_82", "title": "Lunch with Priya", "start": "12:30"},
                ],
            ),
        ],
        [("delete_event", {"event_id": "ev_81"})],
    ),
    Case(
        "a gap for three",
        CALENDAR,
        "Find 45 minutes on 2026-10-07 when Noor, Elias and Wendy are all free.",
        [
            (
                "find_free_slot",
                {
                    "participants": ["Noor", "Elias", "Wendy"],
                    "date": "2026-10-07",
                    "duration_minutes": 45,
                },
            )
        ],
    ),
    Case(
        "a draft pull request",
        REPOSITORY,
        "Open a draft PR from fix/timezone-parsing into develop and title it "
        '"Parse time zones strictly".',
        [
            (
                "create_pull_request",
                {
                    "title": "Parse time zones strictly",
                    "head": "fix/timezone-parsing",
                    "base": "develop",
                    "draft": True,
                },
            )
        ],
    ),
    Case(
        "history of a file",
        REPOSITORY,
        "Who has been changing src/billing/tax.py? The last 10 commits will do.",
        [("get_file_history", {"path": "src/billing/tax.py", "limit": 10})],
    ),
    Case(
        "a function in one language",
        REPOSITORY,
        "Search the Go code for parse_header",
        [("search_code", {"query": "parse_header", "language": one_of("Go", "golang")})],
    ),
    Case(
        "a question of principle",
        REPOSITORY,
        "What's the difference between a rebase and a merge, in two sentences?",
    ),
    Case(
        "pallets at an address",
        FREIGHT,
        "Please schedule a pickup of 6 pallets at Hafenstraße 12, 28195 Bremen on 2026-06-22.",
        [
            (
                "schedule_pickup",
                {
                    "address": {
                        "street": "Hafenstraße 12",
                        "city": "Bremen",
                        "postal_code": "28195",
                    },
                    "pallets": 6,
                    "date": "2026-06-22",
                },
            )
        ],
    ),
    Case(
        "road without tolls",
        FREIGHT,
        "How far is it from Antwerp to Basel by road if we avoid toll roads?",
        [
            (
                "get_driving_distance",
                {"origin": "Antwerp", "destination": "Basel", "avoid_tolls": True},
            )
        ],
    ),
    Case(
        "stuck in customs",
        FREIGHT,
        [
            (
                "user",
                "Where is container TGHU4410982? If it has been in customs for more than 3 days, "
                "open a case with the broker.",
            ),
            ("calls", ("track_container", {"container_number": "TGHU4410982"})),
            (
                "result",
                {
                    "container_number": "TGHU4410982",
                    "location": "Port of Gdańsk",
                    "status": "in customs",
                    "days_in_customs": 5,
                },
            ),
        ],
        [("open_customs_case", {"container_number": "TGHU4410982"})],
    ),
    Case(
        "a keyboard in stock",
        STORE,
        [
            ("system", "You are a helpful shopping assistant."),
            (
                "user",
                "Hi! I'm looking for a mechanical keyboard under 90 euros. Only what's in stock, "
                "please.",
            ),
        ],
        [
            (
                "search_products",
                {
                    "query": one_of("mechanical keyboard", "mechanical keyboards"),
                    "max_price": 90,
                    "in_stock_only": True,
                },
            )
        ],
    ),
    Case(
        "cart and coupon",
        STORE,
        "Add 3 of P-5512 to my cart and use the coupon SPRING15.",
        [
            ("add_to_cart", {"product_id": "P-5512", "quantity": 3}),
            ("apply_coupon", {"code": "SPRING15"}),
        ],
    ),
    Case(
        "a coupon without its code",
        STORE,
        "I have a coupon, can you apply it?",
        says=["code"],
    ),
]
