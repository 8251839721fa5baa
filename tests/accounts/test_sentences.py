"""A key that nobody knows comes with the one that may be meant; a secret is never in a sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linedesk.accounts.edge import parse
from linedesk.accounts.sentences import meant
from linedesk.errors import ApplyError


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("orgins = []", "`orgins` is not a key that Linedesk knows (did you mean `origins`?)"),
        (
            '[acounts.office]\nurl = "x"',
            "`acounts` is not a key that Linedesk knows (did you mean `accounts`?)",
        ),
        ("[accounts.a]\ntoken_knd = 'simple'", "(did you mean `token_kind`?)"),
        ("[accounts.a]\napikey = 'abcdefgh'", "(did you mean `api_key`?)"),
        ("[accounts.a]\nprefix_rule = []", "(did you mean `prefix_rules`?)"),
        (
            "[connections.c]\nform = 'a'",
            "`connections.c.form` is not a key that Linedesk knows (did you mean `from`?)",
        ),
        ("[connections.c]\nevery = 60", "(did you mean `every_s`?)"),
        ("[agents.luca]\nextention = '201'", "(did you mean `extension`?)"),
        ("[dialling]\nper_minut = 3", "(did you mean `per_minute`?)"),
        ("[connections.c.mappings]\nname = 'x'", "`connections.c.mappings` is not a key that Linedesk knows"),
        (
            "[[connections.c.mapping]]\nform = 'x'\nto = 'y'",
            "`connections.c.mapping[1].form` is not a key that Linedesk knows (did you mean `from`?)",
        ),
        (
            "[connections.c.brakes]\ndelete = 3",
            "`connections.c.brakes.delete` is not a key that Linedesk knows (did you mean `deletes`?)",
        ),
        (
            "[[connections.c.rules]]\nname = 'x'\nto = 'b'\nwhen = { feild = 'city', equals = 'Rome' }",
            "`connections.c.rules[1].when.feild`",
        ),
        (
            "[[accounts.a.prefix_rules]]\nprefx = '0'",
            "`accounts.a.prefix_rules[1].prefx` is not a key that Linedesk knows (did you mean `prefix`?)",
        ),
    ],
)
def test_a_key_that_nobody_knows_comes_with_the_one_that_is_meant(text: str, sentence: str) -> None:
    with pytest.raises(ApplyError) as caught:
        parse(text, "f")
    assert sentence in caught.value.message


@pytest.mark.parametrize(
    "value", ["5", "true", '["planted-secret"]', '"planted\\nsecret"', '"\\u0000"', "1.5"]
)
def test_an_apps_secret_that_is_no_text_is_a_sentence_without_the_value(value: str) -> None:
    with pytest.raises(ApplyError, match=r"`accounts\.crm\.api_key`: a secret is a text") as caught:
        parse(f"[accounts.crm]\napi_key = {value}\n", "f")
    assert "planted" not in caught.value.message


@given(st.text(max_size=20), st.lists(st.text(max_size=20), max_size=5))
def test_only_a_known_word_is_ever_proposed(word: str, known: list[str]) -> None:
    told = meant(word, known)
    assert told == "" or told.removeprefix(" (did you mean `").removesuffix("`?)") in known
