"""Held-out requests about servers, code, data and sums."""

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
    whole,
)

RESTART = tool(
    "restart_service",
    "Restart a service on a host",
    service=text("Name of the service"),
    host=text("Host name"),
    force_=flag("Kill it if it does not stop"),
)
LOGS = tool(
    "read_logs",
    "Read the newest log lines of a service",
    service=text("Name of the service"),
    lines_=whole("How many lines", minimum=1),
    level_=choice("debug", "info", "warning", "error"),
)
SCALE = tool(
    "scale_deployment",
    "Change the number of replicas of a deployment",
    deployment=text("Name of the deployment"),
    replicas=whole("Replicas", minimum=0),
)
SQL = tool("run_query", "Run an SQL query against the warehouse database", query=text("SQL"))
FILE = tool("read_file", "Read a file", path=text("Path of the file"))
WRITE = tool(
    "write_file", "Write text to a file", path=text("Path of the file"), content=text("Text")
)
ADD = tool("add", "Add two numbers", a=number("First number"), b=number("Second number"))
MULTIPLY = tool(
    "multiply", "Multiply two numbers", a=number("First number"), b=number("Second number")
)
MEAN = tool("average", "Mean of a list of numbers", values=many(number(), "Numbers"))
SEARCH = tool("web_search", "Search the web for information", query=text("What to search for"))
FETCH = tool("open_page", "Fetch the text of a web page", url=text("Address", format="uri"))
ISSUE = tool(
    "create_issue",
    "Report a bug in the tracker",
    title=text("Short title"),
    labels_=many(choice("bug", "docs", "performance", "security"), "Labels"),
)
DNS = tool(
    "lookup_dns",
    "Resolve a domain name",
    domain=text("Domain name"),
    record_type_=choice("A", "AAAA", "MX", "TXT"),
)
OPS = [RESTART, LOGS, SCALE]
MATHS = [ADD, MULTIPLY, MEAN]

CASES = [
    Case(
        "service and host",
        OPS,
        "Restart nginx on web-03.",
        [("restart_service", {"service": "nginx", "host": "web-03"})],
    ),
    Case(
        "log lines at a level",
        OPS,
        "Show me the last 50 error lines in the logs of checkout-api",
        [("read_logs", {"service": "checkout-api", "lines": 50, "level": "error"})],
    ),
    Case(
        "scale to a number",
        OPS,
        "Scale the deployment frontend to 5 replicas.",
        [("scale_deployment", {"deployment": "frontend", "replicas": 5})],
    ),
    Case(
        "host missing",
        OPS,
        "Please restart the mailer service.",
        [],
        ["host"],
    ),
    Case(
        "query in backticks",
        [SQL, FILE],
        "Run `SELECT count(*) FROM visits` for me",
        [("run_query", {"query": "SELECT count(*) FROM visits"})],
    ),
    Case(
        "path of a file",
        [SQL, FILE, WRITE],
        "What does the file /etc/app/settings.toml say?",
        [("read_file", {"path": "/etc/app/settings.toml"})],
    ),
    Case(
        "write a quoted text to a path",
        [SQL, FILE, WRITE],
        'Write "stock count finished" to notes/today.txt',
        [("write_file", {"path": "notes/today.txt", "content": "stock count finished"})],
    ),
    Case("sum", MATHS, "What is 1834 plus 77?", [("add", {"a": 1834, "b": 77})]),
    Case("product with a sign", MATHS, "12.5 * 8 = ?", [("multiply", {"a": 12.5, "b": 8})]),
    Case(
        "sum and product",
        MATHS,
        "Add 3 and 9, and also multiply 6 by 7.",
        [("add", {"a": 3, "b": 9}), ("multiply", {"a": 6, "b": 7})],
    ),
    Case(
        "list of numbers",
        MATHS,
        "What's the mean of 4, 8.5, 15 and 16?",
        [("average", {"values": [4, 8.5, 15, 16]})],
    ),
    Case(
        "search for a subject",
        [SEARCH, FETCH],
        "Search the web for the history of letterpress printing.",
        [("web_search", {"query": has("history of letterpress printing")})],
    ),
    Case(
        "address to fetch",
        [SEARCH, FETCH],
        "Can you open https://docs.example.com/guide?page=2 and tell me what it says?",
        [("open_page", {"url": "https://docs.example.com/guide?page=2"})],
    ),
    Case(
        "labels out of an enum",
        [ISSUE, SEARCH],
        "File a bug titled 'Export crashes on empty tables', label it bug and performance.",
        [
            (
                "create_issue",
                {
                    "title": "Export crashes on empty tables",
                    "labels": ["bug", "performance"],
                },
            )
        ],
    ),
    Case(
        "record type",
        [DNS, SEARCH],
        "Give me the MX records of shop.example.net",
        [("lookup_dns", {"domain": "shop.example.net", "record_type": "MX"})],
    ),
    Case(
        "required choice with an odd request",
        [SEARCH, FETCH],
        "lighthouse keepers in Norway",
        [("web_search", {"query": has("lighthouse keepers", "Norway")})],
        request={"tool_choice": "required"},
    ),
    Case(
        "tool choice none",
        OPS,
        "Restart nginx on web-03.",
        [],
        request={"tool_choice": "none"},
    ),
    Case(
        "force flag",
        OPS,
        "Force a restart of redis on cache-1",
        [
            (
                "restart_service",
                {"service": "redis", "host": "cache-1", "force": one_of(True)},
            )
        ],
    ),
]
