"""Any row of setup files: applying twice changes nothing, and an export applies again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linedesk.accounts.apply import ApplyPlan
from linedesk.accounts.changes import changes
from linedesk.accounts.edge import parse
from linedesk.accounts.export import as_toml
from linedesk.accounts.plan import wanted
from linedesk.accounts.setup import Setup, account_setup
from linedesk.agents.model import Role
from linedesk.calls.dial_policy import DialPolicy
from linedesk.errors import ApplyError
from linedesk.sync.model import Connection

ApplyText = Callable[[str], Awaitable[ApplyPlan]]

SECRETS = ("hook-secret-one", "hook-secret-old", "access_abcdefgh")
PBX = '[accounts.{0}]\napp = "wildix"\nurl = "https://{0}.wildixin.com"\nregion = "IT"\n'
EMPTY = Setup({}, {}, frozenset(), DialPolicy())

_LOGINS = st.sampled_from(["a", "b", "c"])
_AGENT = st.fixed_dictionaries(
    {"role": st.sampled_from([role.value for role in Role])},
    optional={
        "extension": st.sampled_from(["", "201", "202"]),
        "active": st.booleans(),
        "books": st.sampled_from([[], ["crm"], "all"]),
        "email": st.sampled_from(["", "x@example.test"]),
        "remove": st.booleans(),
    },
)
_DIALLING = st.fixed_dictionaries({}, optional={"per_minute": st.integers(0, 9), "stopped": st.booleans()})
_TAG_RULE = st.fixed_dictionaries(
    {"pattern": st.just("x")}, optional={"book": st.sampled_from(["", "crm", "old"])}
)
_ACCOUNT = st.fixed_dictionaries(
    {},
    optional={
        "app": st.sampled_from(["wildix", "freshdesk", "wildix-phonebook", "csv"]),
        "url": st.just("https://x.example"),
        "enabled": st.booleans(),
        "token": st.sampled_from(["", "access_abcdefgh"]),
        "oauth_client_id": st.sampled_from(["", "desk"]),
        "oauth_client_secret": st.sampled_from(["", "client-secret"]),
        "oauth_refresh_token": st.sampled_from(["", "refresh-token-1"]),
        "events": st.sampled_from(["auto", "webhook", "polling"]),
        "api_key": st.sampled_from(["", "key-of-freshdesk"]),
        "pbx": st.sampled_from(["office", "nowhere"]),
        "phonebook": st.sampled_from(["", "Customers"]),
        "remove": st.booleans(),
        "number_fields": st.sampled_from([[], ["phone"]]),
        "prefix_rules": st.sampled_from([[], [{"prefix": "", "min_digits": 9, "max_digits": 9}]]),
        "tag_rules": st.lists(_TAG_RULE, max_size=2),
    },
)
_NAMES = st.sampled_from(["crm", "book", "office", "old", "nowhere"])
_CONNECTION = st.fixed_dictionaries(
    {},
    optional={
        "from": _NAMES,
        "to": _NAMES,
        "direction": st.sampled_from(["one-way", "two-way"]),
        "every_s": st.sampled_from([0, 10, 300]),
        "enabled": st.booleans(),
        "external_ids": st.booleans(),
        "remove": st.booleans(),
    },
)
_FILES = st.fixed_dictionaries(
    {},
    optional={
        "agents": st.dictionaries(_LOGINS, _AGENT, max_size=3),
        "origins": st.lists(st.sampled_from(["https://a.example", "https://b.example"]), max_size=2),
        "dialling": _DIALLING,
        "matching": st.fixed_dictionaries(
            {}, optional={"open_first": st.lists(st.sampled_from(["crm", "book", "old"]), max_size=3)}
        ),
        "accounts": st.dictionaries(st.sampled_from(["office", "crm", "book", "old"]), _ACCOUNT, max_size=2),
        "connections": st.dictionaries(st.sampled_from(["main", "spare"]), _CONNECTION, max_size=2),
    },
)
_BASE = Setup(
    {
        "office": account_setup(
            "office", "wildix", {"url": "https://o.example", "region": "IT"}, {"token": "t"}
        ),
        "crm": account_setup("crm", "freshdesk", {"url": "https://c.example"}, {"api_key": "k"}),
        "book": account_setup("book", "wildix-phonebook", {"pbx": "office", "phonebook": "Customers"}, {}),
    },
    {},
    frozenset(),
    DialPolicy(),
    {"main": Connection("main", "crm", "book")},
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=120)
@given(st.lists(_FILES, min_size=1, max_size=4))
def test_any_row_of_files_is_idempotent_and_survives_an_export(files: list[dict[str, object]]) -> None:
    from tomli_w import dumps

    setup = _BASE
    for content in files:
        file = parse(dumps(content), "f")
        try:
            after = wanted(setup, file, lambda: "id")
        except ApplyError:
            continue
        again = wanted(after, file, lambda: "other id")
        assert again == after
        assert changes(after, again) == ()
        assert (changes(setup, after) == ()) == (setup == after)
        exported = wanted(after, parse(as_toml(after, ""), "export"), lambda: "x")
        assert exported == after
        for connection in after.connections.values():
            assert after.accounts.keys() >= {connection.a, connection.b}
            assert connection.a != connection.b
        for account in after.accounts.values():
            if account.app == "wildix-phonebook":
                assert after.accounts[account.config["pbx"]].is_pbx
        books = {name for name, account in after.accounts.items() if not account.is_pbx}
        assert set(after.matching.open_first) <= books
        rules = [rule for a in after.accounts.values() if a.is_pbx for rule in a.config["tag_rules"]]
        assert {rule["book"] for rule in rules} <= books | {""}
        places = [(a.account, a.extension) for a in after.agents.values() if a.account and a.extension]
        assert len(places) == len(set(places))
        setup = after
