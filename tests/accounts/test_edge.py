"""The file of `linedesk apply`: every wrong key or value is a sentence with its path."""

from __future__ import annotations

import pytest

from linedesk.accounts.edge import parse
from linedesk.errors import ApplyError

PBX = '[accounts.office]\napp = "wildix"\nurl = "https://acme.wildixin.com"\nregion = "IT"\n'


def test_a_full_file_is_read(full: str) -> None:
    file = parse(full, "setup.toml")
    assert file.accounts["office"].prefix_rules[0].min_digits == 10
    assert file.accounts["crm"].url == "https://acme.freshdesk.com"
    assert file.dialling.countries == ["IT", "CH"]


def test_only_the_keys_of_the_file_count_as_given() -> None:
    file = parse('[agents.luca]\nextension = "202"\n', "setup.toml")
    assert file.agents["luca"].given() == {"extension": "202"}
    assert file.origins is None
    assert file.dialling.given() == {}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("origin = []", "`origin` is not a key that Linedesk knows"),
        (PBX + 'colour = "red"', "`accounts.office.colour` is not a key"),
        (PBX + "outside_line = 0", "`accounts.office.outside_line`: input should be a valid string"),
        (
            PBX + "internal_pattern = '(('",
            "`accounts.office.internal_pattern`: '((' is not a",
        ),
        (PBX + 'webhook_secret = "short"', "`accounts.office.webhook_secret`: a secret has 8 to"),
        (PBX + 'token_kind = "magic"', "`accounts.office.token_kind`: input should be 'simple' or 'company'"),
        (
            PBX + "[[accounts.office.prefix_rules]]\nreplace = '0'",
            "`accounts.office.prefix_rules[1].prefix` is missing",
        ),
        (PBX + "[[accounts.office.prefix_rules]]\nprefix = '0'\nx = 1", "prefix_rules[1].x` is not a key"),
        ('[accounts."Big Office"]\napp = "wildix"', "`accounts.Big Office`: 'Big Office' must be 1 to 32"),
        (
            '[accounts.a]\nurl = "http://acme.example"',
            "`accounts.a.url`: 'http://acme.example' must use",
        ),
        ('[accounts.a]\nregion = "Italy"', "`accounts.a.region`: 'Italy' must be a country"),
        ('[accounts.a]\nregion = "XX"', "`accounts.a.region`: 'XX' must be a country"),
        ('[agents."Luca Rossi"]\nrole = "agent"', "`agents.Luca Rossi`: 'Luca Rossi' must be 1 to 64"),
        ('[agents.luca]\nrole = "king"', "`agents.luca.role`: input should be 'agent', 'viewer'"),
        ("[agents.luca]\nextension = 201", "`agents.luca.extension`: input should be a valid string"),
        ('[agents.luca]\nextension = "20x"', "`agents.luca.extension`: '20x' must be an extension"),
        ('[agents.luca]\nemail = "luca"', "`agents.luca.email`: 'luca' is not an e-mail address"),
        ('[agents.luca]\nname = "Lu\\u202eca"', "`agents.luca.name`: a name holds no control characters"),
        ('[agents.luca]\nbooks = "crm"', "`agents.luca.books`"),
        ('[agents.luca]\nopen_page = "always"', "`agents.luca.open_page`: input should be 'ring'"),
        ('[agents.luca]\nactive = "yes"', "`agents.luca.active`: input should be a valid boolean"),
        ('origins = ["https://crm.example.com/"]', "`origins[1]`: 'https://crm.example.com/' must end after"),
        ('origins = ["*"]', "`origins[1]`: '*' must be one exact address"),
        ("[dialling]\nper_minute = -1", "`dialling.per_minute`: input should be greater than or equal to 0"),
        ('[dialling]\ndenied_prefixes = ["979"]', "`dialling.denied_prefixes[1]`"),
        ('[dialling]\ncountries = ["Italy"]', "`dialling.countries[1]`: 'Italy' must be a country"),
        ("[dialling]\nstopped = 1", "`dialling.stopped`: input should be a valid boolean"),
        ("accounts = 3", "`accounts`: input should be"),
        ("this is no toml", "setup.toml is not valid TOML"),
    ],
)
def test_a_wrong_file_says_where_and_what(text: str, sentence: str) -> None:
    with pytest.raises(ApplyError) as caught:
        parse(text, "setup.toml")
    assert sentence in caught.value.message
    assert caught.value.message.startswith("setup.toml")
    assert "\n" not in caught.value.message
    assert "[key]" not in caught.value.message


def test_every_wrong_key_is_named_at_once() -> None:
    with pytest.raises(ApplyError) as caught:
        parse('[agents.luca]\nrole = "king"\nextension = "x"\n', "setup.toml")
    assert "agents.luca.role" in caught.value.message
    assert "agents.luca.extension" in caught.value.message


def test_a_wrong_secret_is_not_repeated() -> None:
    with pytest.raises(ApplyError) as caught:
        parse(PBX + 'token = "hunter 22"\nwebhook_secret = "hunter2"', "setup.toml")
    assert "hunter" not in caught.value.message
