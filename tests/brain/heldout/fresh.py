"""Requests written after the first round of mending; read after their first run.

20 of the 22 were right in that run. One kind of miss was mended in the second round, so they no
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
    text,
    tool,
)

LIBRARY = [
    tool("borrow_book", "Borrow a book for a reader", title=text("Title"), reader=text("Reader")),
    tool("renew_loan", "Extend the loan of a book", loan_id=text("Number of the loan")),
    tool("opening_hours", "Opening hours of a branch", branch=text("Name of the branch")),
]
BANK = [
    tool(
        "transfer_money",
        "Transfer money between accounts",
        from_account=text("Account to debit"),
        to_account=text("Account to credit"),
        amount=number("Amount"),
    ),
    tool("account_balance", "Balance of an account", account=text("Account number")),
    tool("block_card", "Block a bank card", card_number=text("Card number"), reason_=text("Why")),
]
HR = [
    tool("add_employee", "Register a new employee", name=text("Full name"), role=text("Job title")),
    tool("set_salary", "Change the salary of an employee", employee=text("Name"), salary=number()),
]
CODE = [
    tool("run_tests", "Run the test suite", path_=text("Folder"), verbose_=flag("Verbose output")),
    tool("merge_branch", "Merge a branch into another", source=text("Branch"), target=text("Into")),
    tool("revert_commit", "Revert a commit", commit=text("Hash of the commit")),
]
SHIP = [
    tool(
        "quote_shipping",
        "Price of sending a parcel",
        country=text("Country"),
        weight=number("Weight in kg"),
        speed_=choice("standard", "express"),
    ),
    tool("track_parcel", "Track a parcel", tracking_number=text("Tracking number")),
]
NOTES = [
    tool("save_note", "Save a note", text=text("The note"), tags_=many(text(), "Tags")),
    tool("search_notes", "Search saved notes", query=text("What to look for")),
]

FRESH: list[Case] = [
    Case(
        "book by quoted title",
        LIBRARY,
        "Borrow 'The Old Harbour' for Petra Lang.",
        [("borrow_book", {"title": "The Old Harbour", "reader": "Petra Lang"})],
    ),
    Case(
        "loan by number",
        LIBRARY,
        "Please renew loan L-4471",
        [("renew_loan", {"loan_id": "L-4471"})],
    ),
    Case(
        "branch hours",
        LIBRARY,
        "When does the Westside branch open?",
        [("opening_hours", {"branch": one_of("Westside", "Westside branch")})],
    ),
    Case(
        "two accounts",
        BANK,
        "Transfer 350 euros from DE-100 to DE-200.",
        [
            (
                "transfer_money",
                {"from_account": "DE-100", "to_account": "DE-200", "amount": 350},
            )
        ],
    ),
    Case(
        "balance",
        BANK,
        "What's the balance of account 77120?",
        [("account_balance", {"account": "77120"})],
    ),
    Case(
        "card with a reason",
        BANK,
        "Block card 4455 because it was stolen.",
        [("block_card", {"card_number": "4455", "reason": has("stolen")})],
    ),
    Case("transfer without an amount", BANK, "Transfer money from A-1 to A-2", [], ["amount"]),
    Case(
        "employee with a role",
        HR,
        "Add a new employee called Luis Ortega, his role is 'warehouse clerk'.",
        [("add_employee", {"name": "Luis Ortega", "role": "warehouse clerk"})],
    ),
    Case(
        "salary",
        HR,
        "Set the salary of Mira Koch to 52000.",
        [("set_salary", {"employee": "Mira Koch", "salary": 52000})],
    ),
    Case("no fitting tool", HR, "What is the tallest mountain in Europe?", []),
    Case("tests without arguments", CODE, "Run the tests", [("run_tests", {})]),
    Case(
        "branches",
        CODE,
        "Merge feature-login into main",
        [("merge_branch", {"source": "feature-login", "target": "main"})],
    ),
    Case(
        "commit hash",
        CODE,
        "Revert commit 9f3ab21",
        [("revert_commit", {"commit": "9f3ab21"})],
    ),
    Case(
        "negated merge",
        CODE,
        "Run the tests in tests/unit but do not merge anything.",
        [("run_tests", {"path": "tests/unit"})],
    ),
    Case(
        "shipping quote",
        SHIP,
        "How much does it cost to send a 3.5 kg parcel to Norway by express?",
        [("quote_shipping", {"country": "Norway", "weight": 3.5, "speed": "express"})],
    ),
    Case(
        "two parcels",
        SHIP,
        "Track ZX100200 and ZX100201.",
        [
            ("track_parcel", {"tracking_number": "ZX100200"}),
            ("track_parcel", {"tracking_number": "ZX100201"}),
        ],
    ),
    Case(
        "another weight",
        SHIP,
        [
            ("user", "What does a 2 kg parcel to Spain cost?"),
            ("calls", ("quote_shipping", {"country": "Spain", "weight": 2})),
            ("result", {"price": 14.5}),
            ("assistant", "14.50."),
            ("user", "And to Greece?"),
        ],
        [("quote_shipping", {"country": "Greece", "weight": 2})],
    ),
    Case(
        "price from the result",
        SHIP,
        [
            ("user", "What does a 2 kg parcel to Spain cost?"),
            ("calls", ("quote_shipping", {"country": "Spain", "weight": 2})),
            ("result", {"price": 14.5, "currency": "EUR"}),
        ],
        [],
        ["14.5"],
    ),
    Case(
        "note",
        NOTES,
        "Save a note: the supplier is closed in August.",
        [("save_note", {"text": has("supplier is closed in August")})],
    ),
    Case(
        "search notes",
        NOTES,
        "Search my notes for supplier holidays",
        [("search_notes", {"query": has("supplier holidays")})],
    ),
    Case(
        "answer to a question",
        BANK,
        [
            ("user", "Block my card, please."),
            ("assistant", "What is the number of the card?"),
            ("user", "It's 9012."),
        ],
        [("block_card", {"card_number": "9012"})],
    ),
    Case("goodbye", LIBRARY, "Bye, see you tomorrow!", []),
]
