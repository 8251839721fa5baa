"""Rules for numbers and tags, and `[matching]`, from the file to the service: checked, shown, kept."""

from __future__ import annotations

import pytest

from accounts.conftest import ApplyText
from linedesk.accounts.apply import Applier
from linedesk.accounts.edge import parse
from linedesk.accounts.export import as_toml
from linedesk.accounts.service import Accounts
from linedesk.accounts.setup import account_setup, pbx_account
from linedesk.accounts.vault import Vault
from linedesk.clock import ManualClock
from linedesk.contacts.policy import MatchPolicy, TagFinds, TagRule, asked_by
from linedesk.errors import ApplyError
from linedesk.numbers.model import Certainty, PrefixRule
from linedesk.store import audit
from linedesk.store.database import Database

PBX = '[accounts.office]\napp = "wildix"\nurl = "https://acme.wildixin.com"\nregion = "IT"\n'
RULES = r"""
[accounts.office]
prefix_rules = [{ prefix = "", replace = "039", min_digits = 9, max_digits = 10 }]
dial_rules = [{ prefix = "+39", replace = "0", max_digits = 14 }]
tag_rules = [
    { pattern = 'CUST-(\d+)', finds = "record", book = "crm", certainty = "sure" },
    { pattern = '\+\d+' },
]
[matching]
open_first = ["crm", "crm"]
"""


@pytest.fixture
async def accounts(books: Database, vault: Vault, clock: ManualClock) -> Accounts:
    return Accounts(books, vault, clock)


async def test_C18_rules_reach_the_service_as_they_were_written(
    full: str, apply_text: ApplyText, accounts: Accounts
) -> None:
    await apply_text(full)
    plan = await apply_text(RULES)
    await accounts.refresh()
    office = accounts.pbx("office")
    assert office is not None
    assert office.plan.rules == (PrefixRule("", "039", 9, 10),)
    assert office.plan.dial_rules == (PrefixRule("+39", "0", 8, 14),)
    rules = (TagRule(r"CUST-(\d+)", TagFinds.RECORD, "crm", Certainty.SURE), TagRule(r"\+\d+"))
    assert accounts.tag_rules("office") == rules
    assert accounts.tag_rules("crm") == accounts.tag_rules("nobody") == ()
    assert accounts.matching() == MatchPolicy(("crm",))
    assert [each.target for each in plan.changes] == ["accounts.office", "matching"]
    assert "    open_first: [] -> ['crm']" in plan.lines()
    assert (await apply_text(RULES)).changes == ()


async def test_an_export_holds_them_and_applies_again_with_no_change(
    full: str, apply_text: ApplyText, applier: Applier
) -> None:
    await apply_text(full)
    await apply_text(RULES + '[accounts.crm]\nnumber_fields = ["phone", "custom_fields.whatsapp"]\n')
    text = as_toml(await applier.setup(), "https://linedesk.example")
    assert (await applier.plan(parse(text, "export.toml"))).changes == ()
    for told in ("max_digits = 10", 'open_first = [\n    "crm",\n]', "custom_fields.whatsapp", "CUST-"):
        assert told in text


async def test_a_removed_account_leaves_the_rules_and_the_diff_and_the_audit_say_so(
    full: str, apply_text: ApplyText, accounts: Accounts, books: Database
) -> None:
    await apply_text(full)
    await apply_text(RULES)
    plan = await apply_text("[accounts.crm]\nremove = true\n")
    await accounts.refresh()
    # Without its book the rule would look into every other one.
    assert accounts.tag_rules("office") == (TagRule(r"\+\d+"),)
    assert accounts.matching() == MatchPolicy()
    changed = {each.target: [field.name for field in each.fields] for each in plan.changes}
    assert changed["accounts.office"] == ["tag_rules"]
    assert changed["matching"] == ["open_first"]
    rows = await books.read(lambda c: audit.latest(c, 10))
    assert {row.target for row in rows} >= {"accounts.office", "matching"}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            '[accounts.office]\ntag_rules = [{ pattern = "x", book = "crmm" }]',
            "`accounts.office.tag_rules[1].book` names `crmm`, which is no account (did you mean `crm`?).",
        ),
        (
            '[accounts.office]\ntag_rules = [{ pattern = "x" }, { pattern = "y", book = "office" }]',
            "`accounts.office.tag_rules[2].book` names `office`, which is a PBX and no book of contacts.",
        ),
        (
            '[accounts.crm]\nremove = true\n[accounts.office]\ntag_rules = [{ pattern = "x", book = "crm" }]',
            "`accounts.office.tag_rules[1].book` names `crm`, which is no account.",
        ),
        ('[matching]\nopen_first = ["crm", "x"]', "`matching.open_first` names `x`, which is no account."),
        ('[matching]\nopen_first = ["office"]', "`matching.open_first` names `office`, which is a PBX"),
        (
            '[accounts.crm]\nnumber_fields = "phone"',
            "`accounts.crm.number_fields`: must be a list of at most",
        ),
        (
            "[accounts.office]\nnumber_fields = []",
            "`accounts.office.number_fields` is a key of another app's",
        ),
        ("[accounts.crm]\ntag_rules = []", "`accounts.crm.tag_rules` is a key of PBX accounts"),
    ],
)
async def test_a_name_that_is_no_book_is_a_sentence(
    full: str, apply_text: ApplyText, text: str, sentence: str
) -> None:
    await apply_text(full)
    with pytest.raises(ApplyError) as caught:
        await apply_text(text)
    assert caught.value.message.startswith(sentence)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "prefix_rules = [{ prefix = '' }]",
            "`accounts.office.prefix_rules[1]`: without a `prefix` it needs `min_digits` and `max_digits`",
        ),
        ("prefix_rules = [{ prefix = '', min_digits = 9 }]", "`accounts.office.prefix_rules[1]`: without a"),
        (
            "dial_rules = [{ prefix = '0', min_digits = 9, max_digits = 8 }]",
            "`accounts.office.dial_rules[1]`: `max_digits` must not be smaller than `min_digits`",
        ),
        (
            "dial_rules = [{ prefix = '0', max_digits = 25 }]",
            "`accounts.office.dial_rules[1].max_digits`: input should be less than or equal to 24",
        ),
        ("tag_rules = [{ finds = 'number' }]", "`accounts.office.tag_rules[1].pattern` is missing"),
        ("tag_rules = [{ pattern = '((' }]", "`accounts.office.tag_rules[1].pattern`: '((' is not a regular"),
        ("tag_rules = [{ pattern = '(a+)+' }]", "`accounts.office.tag_rules[1].pattern`: '(a+)+' repeats"),
        (f"tag_rules = [{{ pattern = '{'x' * 201}' }}]", "`accounts.office.tag_rules[1].pattern`: string"),
        (
            "tag_rules = [{ pattern = 'x', finds = 'name' }]",
            "`accounts.office.tag_rules[1].finds`: input should be 'number' or 'record'",
        ),
        (
            "tag_rules = [{ pattern = 'x', certainty = 'maybe' }]",
            "`accounts.office.tag_rules[1].certainty`: input should be 'sure' or 'possible'",
        ),
        ("tag_rules = [{ pattern = 'x', tag = 1 }]", "`accounts.office.tag_rules[1].tag` is not a key"),
        (
            "[matching]\nopen_fist = []",
            "`matching.open_fist` is not a key that Linedesk knows (did you mean `open_first`",
        ),
        ("[matching]\nopen_first = 'crm'", "`matching.open_first`: input should be a valid list"),
    ],
)
def test_a_wrong_rule_says_where_and_what(text: str, sentence: str) -> None:
    with pytest.raises(ApplyError) as caught:
        parse(PBX + text, "setup.toml")
    assert sentence in caught.value.message


def test_rules_that_an_older_version_stored_get_what_is_newer() -> None:
    config = {"url": "https://acme.wildixin.com", "region": "IT"}
    rule = {"prefix": "0", "replace": "", "min_digits": 10}
    setup = account_setup("office", "wildix", {**config, "prefix_rules": [rule]}, {})
    assert setup.config["prefix_rules"] == [{**rule, "max_digits": 24}]
    assert pbx_account(setup).plan.rules == (PrefixRule("0", "", 10),)


def test_C18_no_pattern_is_tried_on_a_tag_that_is_too_long() -> None:
    rule = TagRule(r"(\d+)")
    assert [each.text for each in asked_by(["1" * 200, "1" * 201, "7"], [rule])] == ["1" * 200, "7"]
