"""Requests that the brain's rules were mended with: read while the rules were made.

They are as varied as their writer could make them, with tools described as people describe them,
some of them badly. Because the rules were held against them, their share of right answers says
what works, not how the brain does on tools it has never met.
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

SMART = [
    tool("set_blinds", "Opens or closes the blinds of a room.", room=text(), closed=flag()),
    tool("set_fan", "Control a fan", name=text("Which fan"), enabled=flag("Whether it runs")),
    tool("vacuum", "Start the robot vacuum in a room", room=text("room to clean")),
    tool(
        "set_alarm_system",
        "Arm or disarm the alarm system",
        armed=flag("true to arm, false to disarm"),
    ),
]
RAIL = [
    tool(
        "search_trains",
        "Find train connections",
        origin=text("Departure station"),
        destination=text("Arrival station"),
        date_=text("Day of travel (YYYY-MM-DD)"),
        passengers_=whole("Number of passengers"),
        first_class_=flag("Travel first class"),
    ),
    tool("train_delay", "Current delay of a train in minutes", train=text("Train number, ICE 75")),
    tool("cancel_ticket", "Cancels a ticket.", ticket_id=text("e.g. T-9921")),
]
CRM = [
    tool(
        "create_contact",
        "Add a new contact to the CRM.",
        name=text("Full name of the contact"),
        email=text(),
        company_=text("Company the contact works for"),
        phone_=text(),
    ),
    tool(
        "update_deal_stage",
        "Move a deal to another stage of the pipeline",
        deal=text("Name of the deal"),
        stage=choice("lead", "qualified", "proposal", "won", "lost"),
    ),
    tool(
        "log_call",
        "Log a phone call with a contact",
        contact=text("Who was called"),
        duration_minutes=whole("Length of the call"),
        notes_=text("What was said"),
    ),
]
OPS = [
    tool(
        "scale_deployment",
        "Scale a deployment to a number of replicas.",
        deployment=text("name of the deployment"),
        replicas=whole("desired number of replicas"),
        namespace_=text("Kubernetes namespace"),
    ),
    tool(
        "tail_logs",
        "Show the last log lines of a service",
        service=text(),
        lines_=whole("How many lines, default 100"),
        level_=choice("debug", "info", "warning", "error"),
    ),
    tool("rollback", "Roll a service back to an earlier version", service=text(), version=text()),
    tool(
        "set_feature_flag",
        "Enable or disable a feature flag",
        flag=text("Flag's key"),
        enabled=flag(),
        environment_=choice("staging", "production"),
    ),
]
PEOPLE = [
    tool(
        "request_leave",
        "Submit a leave request for an employee",
        employee=text("Name of the employee"),
        start_date=text("First day, YYYY-MM-DD"),
        end_date=text("Last day, YYYY-MM-DD"),
        kind_=choice("vacation", "sick", "unpaid"),
    ),
    tool("leave_balance", "Days of leave an employee has left", employee=text("Name")),
    tool(
        "change_department",
        "Move an employee to another department",
        employee=text("Name"),
        department=text("New department"),
    ),
]
BOOKS = [
    tool("search_catalog", "Search the library's catalogue", query=text("Title, author, subject")),
    tool(
        "place_hold",
        "Put a hold on a book for a member",
        title=text("Title of the book"),
        member_id=text("Number on the library card"),
    ),
    tool("is_available", "Whether a book is on the shelf", title=text("The book's title")),
    tool("pay_fine", "Pay a member's fine", member_id=text("Card number"), amount=number()),
]
COOK = [
    tool(
        "scale_recipe",
        "Scale a recipe to a number of servings",
        recipe=text("Name of the recipe"),
        servings=whole("How many people"),
    ),
    tool(
        "unit_converter",
        "Converts amounts between units of measurement",
        amount=number("The amount"),
        from_unit=text("e.g. cup"),
        to_unit=text("e.g. ml"),
    ),
    tool(
        "add_to_shopping_list",
        "Put items on the shopping list",
        items=many(text(), "What to buy"),
    ),
    tool("nutrition", "Calories and nutrients of a food", food=text("Food")),
]
MONEY = [
    tool(
        "make_payment",
        "Pay someone from the current account",
        payee=text("Who gets the money"),
        amount=number("In euros"),
        reference_=text("What it is for"),
    ),
    tool(
        "convert_currency",
        "Convert an amount from one currency into another",
        amount=number(),
        from_currency=text("ISO code"),
        to_currency=text("ISO code"),
    ),
    tool("freeze_card", "Freeze or unfreeze a card", last4=text("Last digits"), frozen=flag()),
    tool(
        "list_transactions",
        "List transactions of an account",
        account=text("Account"),
        since_=text("From this day on (YYYY-MM-DD)"),
        limit_=whole("At most this many"),
    ),
]
DESK = [
    tool(
        "open_ticket",
        "Open a support ticket",
        subject=text("One line"),
        severity=choice("minor", "major", "critical"),
        tags_=many(text(), "Tags"),
    ),
    tool(
        "reassign_ticket", "Reassign a ticket", ticket=whole("Ticket number"), agent=text("Agent")
    ),
    tool("resolve_ticket", "Mark a ticket as resolved", ticket=whole("Ticket number")),
    tool(
        "merge_tickets",
        "Merge a duplicate ticket into another",
        duplicate=whole("The duplicate"),
        into=whole("The ticket to keep"),
    ),
]
AGENDA = [
    tool(
        "create_event",
        "Create a calendar event",
        title=text("Title"),
        date=text("YYYY-MM-DD"),
        time=text("HH:MM"),
        attendees_=many(text(), "E-mail addresses of the attendees"),
        all_day_=flag("Whether it takes the entire day"),
    ),
    tool("free_slots", "Free times in somebody's calendar", person=text(), date=text("YYYY-MM-DD")),
    tool("delete_event", "Delete an event", event_id=text("Event id")),
]
REPO = [
    tool(
        "create_branch",
        "Create a branch",
        name=text("Name of the new branch"),
        base_=text("Branch to start from"),
    ),
    tool(
        "open_pull_request",
        "Open a pull request",
        title=text("Title"),
        head=text("Branch with the changes"),
        base=text("Branch to merge into"),
        draft_=flag("Open as a draft"),
    ),
    tool("star_repo", "Star a repository", repository=text("owner/name")),
    tool("merge_pr", "Merge a pull request", number=whole("Number of the pull request")),
    tool("add_reviewer", "Ask someone to review a pull request", number=whole(), reviewer=text()),
]
CARGO = [
    tool(
        "create_shipment",
        "Create a shipment",
        sender=record("", city=text(), country=text()),
        receiver=record("", city=text(), country=text()),
        weight_kg=number("Weight"),
        insured_=flag("Insure the shipment"),
        fragile_=flag("Handle with care"),
    ),
    tool("shipment_eta", "When a shipment arrives", shipment_id=text("Shipment number")),
    tool("reroute", "Send a shipment to another depot", shipment_id=text(), depot=text("Depot")),
]
GYM = [
    tool("join_class", "Register a member for a class", member=text("Member"), class_name=text()),
    tool("leave_class", "Take a member off a class", member=text("Member"), class_name=text()),
    tool("class_spots", "Free places in a class", class_name=text("Class")),
]
MEDIA = [
    tool(
        "play_track",
        "Play a song",
        song=text("Name of the song"),
        shuffle_=flag("Shuffle afterwards"),
    ),
    tool("set_volume", "Set the loudness of the speakers", volume=whole("0 to 100")),
    tool("pause_playback", "Pause the music"),
    tool("create_playlist", "Create a playlist", name=text(), songs_=many(text(), "Songs")),
]
PET = [
    tool(
        "book_visit",
        "Book a visit at the vet",
        pet=record("The animal", name=text("Its name"), species=choice("dog", "cat", "rabbit")),
        date=text("YYYY-MM-DD"),
        urgent_=flag("Needs to be seen at once"),
    ),
    tool("vaccinations", "Vaccinations of a pet", pet_name=text("Name of the pet")),
]
OPENING = [
    tool("opening_hours", "When a shop opens and closes", shop=text("Shop")),
    tool("parking_spaces", "Free spaces of a car park", car_park=text("Name of the car park")),
    tool("bus_departures", "Next departures at a stop", stop=text("Bus stop"), line_=text("Line")),
]
STORE = [
    tool(
        "search_products",
        "Search the shop's products",
        query=text("What to look for"),
        max_price_=number("Highest price"),
        in_stock_only_=flag("Only articles that can be delivered now"),
        sort_by_=choice("price", "rating", "newest"),
    ),
    tool("add_to_cart", "Add a product to the cart", sku=text("SKU"), quantity=whole("How many")),
    tool("apply_coupon", "Apply a coupon to the cart", code=text("Coupon code")),
    tool("order_status", "Get the status of an order", order_id=text("Order number")),
]
SPACE = [
    tool("list_files", "List the files in a folder", folder=text("Folder"), hidden_=flag()),
    tool("rename_file", "Rename a file", old_name=text("Present name"), new_name=text("New name")),
    tool(
        "share_folder",
        "Share a folder with someone",
        folder=text("Folder"),
        email=text("With whom"),
        can_edit=flag("Whether they may change things"),
    ),
]

WORKSHOP: list[Case] = [
    Case(
        "blinds down", SMART, "Close the blinds in the study.",
        [("set_blinds", {"room": one_of("study", "the study"), "closed": True})],
    ),
    Case(
        "blinds up", SMART, "Could you open the bedroom blinds?",
        [("set_blinds", {"room": one_of("bedroom", "the bedroom"), "closed": False})],
    ),
    Case(
        "a fan off", SMART, "Switch the ceiling fan off.",
        [("set_fan", {"name": one_of("ceiling fan", "the ceiling fan", "ceiling"),
                      "enabled": False})],
    ),
    Case("disarm", SMART, "I'm home, disarm the alarm.", [("set_alarm_system", {"armed": False})]),
    Case("arm", SMART, "Arm the alarm system, we are leaving.",
         [("set_alarm_system", {"armed": True})]),
    Case(
        "vacuum two rooms", SMART, "Vacuum the kitchen and the living room.",
        [("vacuum", {"room": one_of("kitchen", "the kitchen")}),
         ("vacuum", {"room": one_of("living room", "the living room")})],
    ),
    Case(
        "train search with a class", RAIL,
        "Find me a first class train from Ghent to Cologne on 2027-05-09 for two passengers.",
        [("search_trains", {"origin": "Ghent", "destination": "Cologne", "date": "2027-05-09",
                            "passengers": 2, "first_class": True})],
    ),
    Case("is a train late", RAIL, "Is ICE 571 on time?",
         [("train_delay", {"train": one_of("ICE 571", "571")})]),
    Case("how late", RAIL, "How late is IC2044 right now?", [("train_delay", {"train": "IC2044"})]),
    Case("drop a ticket", RAIL, "I can't travel any more. Please cancel T-5513 for me.",
         [("cancel_ticket", {"ticket_id": "T-5513"})]),
    Case(
        "contact", CRM,
        "Add Petra Novak from Blue Anchor Logistics to our contacts, petra@blueanchor.example.",
        [("create_contact", {"name": "Petra Novak", "email": "petra@blueanchor.example",
                             "company": "Blue Anchor Logistics"})],
    ),
    Case("deal won", CRM, "We've won the Larkspur deal!",
         [("update_deal_stage", {"deal": one_of("Larkspur", "Larkspur deal"), "stage": "won"})]),
    Case("deal to a stage", CRM, "Move Harbour Café to proposal.",
         [("update_deal_stage", {"deal": "Harbour Café", "stage": "proposal"})]),
    Case(
        "call", CRM, "Log a 25 minute call with Ines Duarte.",
        [("log_call", {"contact": "Ines Duarte", "duration_minutes": 25})],
    ),
    Case("contact without an address", CRM, "Create a contact for Rob Hartley please.",
         says=["email"]),
    Case("scale", OPS, "Scale checkout-api up to 6 replicas.",
         [("scale_deployment", {"deployment": "checkout-api", "replicas": 6})]),
    Case(
        "scale in a namespace", OPS,
        "I want 3 replicas of the billing deployment in namespace prod",
        [("scale_deployment", {"deployment": "billing", "replicas": 3, "namespace": "prod"})],
    ),
    Case(
        "logs", OPS, "Show me the last 50 error lines of the payments service.",
        [("tail_logs", {"service": one_of("payments", "the payments service"), "lines": 50,
                        "level": "error"})],
    ),
    Case("rollback", OPS, "Roll auth-gateway back to v2.3.1",
         [("rollback", {"service": "auth-gateway", "version": "v2.3.1"})]),
    Case(
        "flag off in production", OPS, "Disable new_checkout in production.",
        [("set_feature_flag", {"flag": "new_checkout", "enabled": False,
                               "environment": "production"})],
    ),
    Case(
        "flag on", OPS, "turn on the dark-mode flag for staging",
        [("set_feature_flag", {"flag": "dark-mode", "enabled": True, "environment": "staging"})],
    ),
    Case(
        "leave", PEOPLE,
        "Tomasz Kowal wants vacation from 2027-07-05 to 2027-07-16, put it in please.",
        [("request_leave", {"employee": "Tomasz Kowal", "start_date": "2027-07-05",
                            "end_date": "2027-07-16", "kind": "vacation"})],
    ),
    Case("days left", PEOPLE, "How many vacation days does Priya Raman have left?",
         [("leave_balance", {"employee": "Priya Raman"})]),
    Case(
        "department", PEOPLE, "Transfer Sofia Lind to Customer Success.",
        [("change_department", {"employee": "Sofia Lind", "department": "Customer Success"})],
    ),
    Case("on the shelf", BOOKS, "Is The Salt Path on the shelf?",
         [("is_available", {"title": "The Salt Path"})]),
    Case(
        "hold with a quoted title", BOOKS, 'Put "Winter in Madrid" on hold for card 44120.',
        [("place_hold", {"title": "Winter in Madrid", "member_id": "44120"})],
    ),
    Case("catalogue", BOOKS, "Do you have anything on medieval bookbinding?",
         [("search_catalog", {"query": has("medieval bookbinding")})]),
    Case("fine", BOOKS, "Member 30771 would like to settle a fine of 4.20.",
         [("pay_fine", {"member_id": "30771", "amount": 4.2})]),
    Case(
        "servings", COOK, "Make the ratatouille recipe serve eight.",
        [("scale_recipe", {"recipe": one_of("ratatouille", "the ratatouille"), "servings": 8})],
    ),
    Case(
        "millilitres in cups", COOK, "How many millilitres are there in 3 cups?",
        [("unit_converter", {"amount": 3, "from_unit": one_of("cups", "cup"),
                             "to_unit": one_of("millilitres", "ml", "millilitre")})],
    ),
    Case(
        "plain conversion", COOK, "Convert 350 fahrenheit to celsius",
        [("unit_converter", {"amount": 350, "from_unit": "fahrenheit", "to_unit": "celsius"})],
    ),
    Case(
        "what is it in", COOK, "What's 2.5 pounds in kilograms?",
        [("unit_converter", {"amount": 2.5, "from_unit": one_of("pounds", "pound", "lb"),
                             "to_unit": one_of("kilograms", "kilogram", "kg")})],
    ),
    Case("shopping list", COOK, "We're out of butter, eggs and rye flour, put them on the list.",
         [("add_to_shopping_list", {"items": ["butter", "eggs", "rye flour"]})]),
    Case("calories", COOK, "How many calories does an avocado have?",
         [("nutrition", {"food": one_of("avocado", "an avocado")})]),
    Case("pay", MONEY, "Pay 85.50 euros to Hanna Weiss for the concert tickets.",
         [("make_payment", {"payee": "Hanna Weiss", "amount": 85.5,
                            "reference": has("concert tickets")})]),
    Case(
        "currency", MONEY, "How much is 250 dollars in Swiss francs?",
        [("convert_currency", {"amount": 250, "from_currency": "USD", "to_currency": "CHF"})],
    ),
    Case("freeze", MONEY, "Freeze my card ending in 4471, I lost it!",
         [("freeze_card", {"last4": "4471", "frozen": True})]),
    Case("unfreeze", MONEY, "Found it again. Unfreeze the card 4471.",
         [("freeze_card", {"last4": "4471", "frozen": False})]),
    Case(
        "transactions", MONEY, "List the last 20 transactions of account DE-7781.",
        [("list_transactions", {"account": "DE-7781", "limit": 20})],
    ),
    Case(
        "ticket with tags", DESK,
        'Please open a critical ticket "Checkout returns 502" with the tags payments and outage.',
        [("open_ticket", {"subject": "Checkout returns 502", "severity": "critical",
                          "tags": ["payments", "outage"]})],
    ),
    Case(
        "two deeds on tickets", DESK, "Hand ticket 8812 over to Farid and resolve 8790.",
        [("reassign_ticket", {"ticket": 8812, "agent": "Farid"}),
         ("resolve_ticket", {"ticket": 8790})],
    ),
    Case("resolve two", DESK, "Tickets 14 and 15 are done, mark them as resolved.",
         [("resolve_ticket", {"ticket": 14}), ("resolve_ticket", {"ticket": 15})]),
    Case("merge", DESK, "Merge ticket 902 into 877.",
         [("merge_tickets", {"duplicate": 902, "into": 877})]),
    Case("no tool for it", DESK, "Can you recommend a nice place for lunch?"),
    Case(
        "event", AGENDA, "Schedule a design review on 2027-03-18 at 14:30 with kim@oak.example.",
        [("create_event", {"title": has("design review"), "date": "2027-03-18", "time": "14:30",
                           "attendees": ["kim@oak.example"]})],
    ),
    Case(
        "is somebody free", AGENDA, "Is Johanna free on 2027-03-19?",
        [("free_slots", {"person": "Johanna", "date": "2027-03-19"})],
    ),
    Case("delete one", AGENDA, "Delete event ev_5520, it's been called off.",
         [("delete_event", {"event_id": "ev_5520"})]),
    Case(
        "branch from another", REPO, "Create a branch hotfix/login based on release-4.2",
        [("create_branch", {"name": "hotfix/login", "base": "release-4.2"})],
    ),
    Case(
        "a draft request", REPO,
        'Open a draft pull request from feature-search into main titled "Faster search".',
        [("open_pull_request", {"title": "Faster search", "head": "feature-search",
                                "base": "main", "draft": True})],
    ),
    Case(
        "reviewer and merge", REPO, "Ask Dana to review 231 and merge 228.",
        [("add_reviewer", {"number": 231, "reviewer": "Dana"}), ("merge_pr", {"number": 228})],
    ),
    Case("star", REPO, "Star acme/rocket-launcher for me",
         [("star_repo", {"repository": "acme/rocket-launcher"})]),
    Case(
        "nested shipment", CARGO,
        "Ship 12.5 kg from Turin, Italy to Lyon, France, insured please.",
        [("create_shipment", {"sender": {"city": "Turin", "country": "Italy"},
                              "receiver": {"city": "Lyon", "country": "France"},
                              "weight_kg": 12.5, "insured": True})],
    ),
    Case("arrival", CARGO, "When will SH-20391 get here?",
         [("shipment_eta", {"shipment_id": "SH-20391"})]),
    Case(
        "reroute", CARGO, "Send SH-20391 to the Rotterdam depot instead.",
        [("reroute", {"shipment_id": "SH-20391", "depot": one_of("Rotterdam", "Rotterdam depot",
                                                                 "the Rotterdam depot")})],
    ),
    Case("sign up", GYM, "Put Nadia Salem down for Power Yoga.",
         [("join_class", {"member": "Nadia Salem", "class_name": "Power Yoga"})]),
    Case("take off", GYM, "Remove Igor Petrov from Spin Basics",
         [("leave_class", {"member": "Igor Petrov", "class_name": "Spin Basics"})]),
    Case("any spots", GYM, "Are there any places left in Aqua Fit?",
         [("class_spots", {"class_name": "Aqua Fit"})]),
    Case("song", MEDIA, "Play Blue Monday",
         [("play_track", {"song": "Blue Monday"})]),
    Case("song unshuffled", MEDIA, "Play Paper Planes without shuffle please",
         [("play_track", {"song": "Paper Planes", "shuffle": False})]),
    Case("loudness", MEDIA, "Turn the speakers down to 30.", [("set_volume", {"volume": 30})]),
    Case("pause", MEDIA, "Pause please", [("pause_playback", {})]),
    Case("pause politely", MEDIA, "Could you stop the music for a moment?",
         [("pause_playback", {})]),
    Case(
        "visit", PET, "Book an urgent visit for our rabbit Momo on 2027-01-12.",
        [("book_visit", {"pet": {"name": "Momo", "species": "rabbit"}, "date": "2027-01-12",
                         "urgent": True})],
    ),
    Case("is it vaccinated", PET, "Is Bruno vaccinated?",
         [("vaccinations", {"pet_name": "Bruno"})]),
    Case("is a shop open", OPENING, "Is Miller's Bakery open?",
         [("opening_hours", {"shop": "Miller's Bakery"})]),
    Case("room to park", OPENING, "Can I still park at Castle Garage?",
         [("parking_spaces", {"car_park": "Castle Garage"})]),
    Case("next bus", OPENING, "When does the next 42 leave from Church Street?",
         [("bus_departures", {"stop": "Church Street", "line": "42"})]),
    Case(
        "products", STORE, "Show me hiking boots under 120 euros, only what's in stock.",
        [("search_products", {"query": has("hiking boots"), "max_price": 120,
                              "in_stock_only": True})],
    ),
    Case(
        "products sorted", STORE, "search for desk lamps sorted by rating",
        [("search_products", {"query": one_of("desk lamps", "desk lamps sorted by rating"),
                              "sort_by": "rating"})],
    ),
    Case("cart", STORE, "Put four of KB-220 in my cart.",
         [("add_to_cart", {"sku": "KB-220", "quantity": 4})]),
    Case("cart and coupon", STORE, "Add one MX-9 to my basket and use the coupon SPRING15.",
         [("add_to_cart", {"sku": "MX-9", "quantity": 1}),
          ("apply_coupon", {"code": "SPRING15"})]),
    Case("shipped yet", STORE, "Has order 77120 shipped yet?",
         [("order_status", {"order_id": "77120"})]),
    Case(
        "cart after a status", STORE,
        [("user", "What's the status of order 5531? And add 2 of TR-7 to the cart."),
         ("calls", ("order_status", {"order_id": "5531"}),
          ("add_to_cart", {"sku": "TR-7", "quantity": 2})),
         ("result", {"order_id": "5531", "status": "packed"}),
         ("result", {"ok": True, "items": 2})],
        says=["packed"],
    ),
    Case("hidden files too", SPACE, "List everything in /srv/data, including hidden files.",
         [("list_files", {"folder": "/srv/data", "hidden": True})]),
    Case(
        "rename", SPACE, "Rename report_old.pdf to report_2027.pdf",
        [("rename_file", {"old_name": "report_old.pdf", "new_name": "report_2027.pdf"})],
    ),
    Case(
        "share read-only", SPACE,
        "Share the folder Invoices with lou@pine.example, but she can't edit.",
        [("share_folder", {"folder": "Invoices", "email": "lou@pine.example",
                           "can_edit": False})],
    ),
    Case(
        "share and let edit", SPACE, "Give max@pine.example edit rights to the folder Budget.",
        [("share_folder", {"folder": "Budget", "email": "max@pine.example", "can_edit": True})],
    ),
    Case("small talk", SPACE, "Good morning! How are you today?"),
    Case("a story", MONEY, "I paid Hanna back yesterday, so that is settled."),
]  # fmt: skip
