"""Which phonebooks are taken and which are refused, each with a sentence that says why and what to do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from pydantic import ValidationError

from contract.asking import complete, quiet, since
from contract.rig_phonebook import PhonebookRig, phonebook_rig
from linedesk.apps.base import Level, Stored
from linedesk.apps.records import Changes, Complete, Cursor, Draft, Patch
from linedesk.apps.wildix_phonebook import KIND, WildixPhonebook, open_phonebook
from linedesk.apps.wildix_phonebook_book import BookFinder
from linedesk.apps.wildix_phonebook_settings import PhonebookSettings
from linedesk.demo.pbx.shelves import TYPE_LDAP
from linedesk.errors import (
    ConfigError,
    ListingBroken,
    VendorError,
    VendorForbidden,
    VendorNotFound,
    VendorRefused,
    VendorUnreachable,
)
from linedesk.pbx.wildix.phonebooks import Phonebook, Phonebooks


@pytest.fixture
async def rig() -> AsyncIterator[PhonebookRig]:
    async with phonebook_rig() as opened:
        yield opened


def _books(rig: PhonebookRig) -> list[str]:
    return [book.name for book in rig.books.phonebooks()]


async def _refused(app: WildixPhonebook, kind: type[VendorError]) -> str:
    """The sentence with which readings, writes and the check refuse the book."""
    with pytest.raises(kind) as reading:
        await app.read(None, quiet)
    with pytest.raises(kind) as writing:
        await app.create([Draft({"name": "Ada"})])
    checked = await app.check()

    sentence = str(reading.value)
    assert sentence == str(writing.value)
    assert sentence in [each.sentence for each in checked.findings if each.level is Level.MISSING]
    assert reading.value.remedy
    return sentence


async def test_a_phonebook_filled_from_ldap_or_colleagues_is_refused(rig: PhonebookRig) -> None:
    rig.books.add_phonebook("Staff", kind=TYPE_LDAP)

    assert "LDAP" in await _refused(rig.reopen(phonebook="Staff"), VendorRefused)


async def test_the_type_of_filled_phonebooks_is_a_setting(rig: PhonebookRig) -> None:
    rig.books.add_phonebook("Staff", kind=9)

    assert "LDAP" in await _refused(rig.reopen(phonebook="Staff", filled_type=9), VendorRefused)
    assert (await rig.reopen(phonebook="Staff").check()).well


async def test_a_phonebook_with_an_import_job_is_refused(rig: PhonebookRig) -> None:
    rig.books.add_phonebook("Imported", sync_interval=6)

    sentence = await _refused(rig.reopen(phonebook="Imported"), VendorRefused)

    assert "import job" in sentence
    assert "overwrite" in sentence


async def test_a_phonebook_that_is_not_there_is_named_and_none_is_made(rig: PhonebookRig) -> None:
    before = _books(rig)

    assert "“Nowhere”" in await _refused(rig.reopen(phonebook="Nowhere"), VendorNotFound)
    assert _books(rig) == before


async def test_two_phonebooks_of_one_name_are_refused_and_an_id_tells_them_apart(rig: PhonebookRig) -> None:
    first, second = rig.books.add_phonebook("Twin"), rig.books.add_phonebook("Twin")

    assert f"(ids {first}, {second})" in await _refused(rig.reopen(phonebook="Twin"), VendorRefused)
    assert (await rig.reopen(phonebook=str(second)).check()).well


async def test_a_name_in_other_case_means_the_only_one_that_it_can_mean(rig: PhonebookRig) -> None:
    rig.books.add_phonebook("Zoë’s Kunden")

    app = rig.reopen(phonebook="zoe\u0308’s KUNDEN")

    assert (await app.check()).well


async def test_personal_phonebooks_are_refused() -> None:
    mine = Phonebook("9", "Mine", "2", "201", 0)

    with pytest.raises(VendorRefused, match="personal"):
        await _finder([mine], "Mine").find()


async def test_a_missing_phonebook_is_made_with_the_first_contact_and_not_before() -> None:
    async with phonebook_rig(phonebook="Fresh", create_phonebook=True) as rig:
        before = _books(rig)
        empty = await complete(rig.app)
        checked = await rig.app.check()
        assert _books(rig) == before
        assert checked.well
        assert checked.findings[0].level is Level.HINT

        for name in ("Ada", "Grace"):
            (outcome,) = await rig.app.create([Draft({"name": name})])
            assert isinstance(outcome, Stored)

        assert _books(rig) == [*before, "Fresh"]
        later = await since(rig.app, empty.cursor)
        assert sorted(each.text("name") for each in later.records) == ["Ada", "Grace"]


async def test_an_id_that_is_not_there_makes_no_phonebook(rig: PhonebookRig) -> None:
    await _refused(rig.reopen(phonebook="4711", create_phonebook=True), VendorNotFound)

    assert "4711" not in _books(rig)


async def test_S12_a_phonebook_that_vanishes_is_an_error_and_never_an_empty_listing(
    rig: PhonebookRig,
) -> None:
    rig.fill(3)
    assert len((await complete(rig.app)).records) == 3
    rig.books.remove_phonebook(rig.book_id)

    with pytest.raises(VendorNotFound, match="gone or was renamed"):
        await rig.app.read(None, quiet)


async def test_S12_a_phonebook_that_vanished_before_a_restart_is_neither_empty_nor_made_anew(
    rig: PhonebookRig,
) -> None:
    """Else every contact would count as deleted, and the new book would stay empty for ever."""
    rig.books.rename(rig.book_id, "CRM")
    rig.fill(3)
    first = await rig.reopen(phonebook="CRM", create_phonebook=True).read(None, quiet)
    rig.books.remove_phonebook(rig.book_id)
    app = rig.reopen(phonebook="CRM", create_phonebook=True)

    app.recall(first.cursor)

    for place in (None, first.cursor):
        with pytest.raises(VendorNotFound, match="gone or was renamed") as caught:
            await app.read(place, quiet)
        assert "a name that no phonebook had" in (caught.value.remedy or "")
    assert "CRM" not in _books(rig)


async def test_S12_another_phonebook_of_the_same_name_is_told_when_everything_is_read_after_a_restart(
    rig: PhonebookRig,
) -> None:
    rig.books.rename(rig.book_id, "CRM")
    first = await rig.reopen(phonebook="CRM").read(None, quiet)
    rig.books.remove_phonebook(rig.book_id)
    other = rig.books.add_phonebook("CRM")

    app, chosen = rig.reopen(phonebook="CRM"), rig.reopen(phonebook=str(other))
    for each in (app, chosen):
        each.recall(first.cursor)

    with pytest.raises(VendorRefused, match="another one now"):
        await app.read(None, quiet)
    assert isinstance(await chosen.read(None, quiet), Complete)


async def test_a_place_that_cannot_be_read_recalls_nothing(rig: PhonebookRig) -> None:
    app = rig.reopen(phonebook=str(rig.book_id))

    app.recall(Cursor("{}"))

    assert isinstance(await app.read(None, quiet), Complete)


async def test_S12_a_phonebook_that_vanishes_while_it_is_read_gives_no_complete_listing(
    rig: PhonebookRig,
) -> None:
    rig.fill(250)
    rig.between_pages(lambda page: rig.books.remove_phonebook(rig.book_id) if page == 1 else None)

    with pytest.raises((VendorNotFound, ListingBroken)):
        await rig.app.read(None, quiet)


async def test_S12_a_pbx_that_lists_nothing_of_a_phonebook_that_is_gone_gives_no_complete_listing(
    rig: PhonebookRig,
) -> None:
    book = Phonebook(str(rig.book_id), "Under contract", "2", "0", 0)
    assert rig.client is not None
    rig.client.phonebooks = _Listed([book], [])

    with pytest.raises(VendorNotFound, match="gone or was renamed"):
        await rig.app.read(None, quiet)


@pytest.mark.parametrize("restarted", [False, True])
async def test_S12_another_phonebook_of_the_same_name_is_not_taken_for_the_first(
    rig: PhonebookRig, restarted: bool
) -> None:
    rig.books.rename(rig.book_id, "CRM")
    rig.fill(2)
    app = rig.reopen(phonebook="CRM")
    first = await app.read(None, quiet)
    rig.books.remove_phonebook(rig.book_id)
    other = rig.books.add_phonebook("CRM")

    if restarted:
        app = rig.reopen(phonebook="CRM")
    with pytest.raises(VendorRefused, match="another one now"):
        await app.read(first.cursor, quiet)

    chosen = await rig.reopen(phonebook=str(other)).read(first.cursor, quiet)
    assert not isinstance(chosen, Changes)


async def test_an_import_job_that_is_switched_on_later_stops_the_next_reading(rig: PhonebookRig) -> None:
    first = await complete(rig.app)
    book = Phonebook(str(rig.book_id), "Under contract", "2", "0", 24)
    assert rig.client is not None
    rig.client.phonebooks = _Listed([book])

    with pytest.raises(VendorRefused, match="import job"):
        await rig.app.read(first.cursor, quiet)


async def test_a_user_without_the_right_is_told_which_right_is_missing(rig: PhonebookRig) -> None:
    token = rig.state.tokens[rig.secrets[0]]
    rig.state.tokens[rig.secrets[0]] = replace(token, root=False)
    rig.switch(no_public_write=(token.extension or "",))
    (known,) = rig.fill(1)

    for write in (
        lambda: rig.app.create([Draft({"name": "Ada"})]),
        lambda: rig.app.update([Patch(known, {"name": "Ada"})]),
        lambda: rig.app.delete([known]),
    ):
        with pytest.raises(VendorForbidden) as raised:
            await write()
        assert "Modify public phonebook" in raised.value.remedy
    assert rig.names() == {known: "Person 0000"}


async def test_the_check_says_whose_credential_it_is(rig: PhonebookRig) -> None:
    checked = await rig.app.check()

    assert "(extension 100)" in checked.identity
    assert "Under contract" in checked.findings[0].sentence
    assert checked.well


async def test_a_pbx_account_that_can_not_be_used_is_an_error_of_the_vendor_once_it_is_open(
    rig: PhonebookRig,
) -> None:
    usable = [True]

    def client(_name: str) -> object:
        if not usable[0]:
            raise ConfigError("The PBX office has no token.", remedy="Give it one.")
        return rig.client

    app = open_phonebook(replace(rig.context(), pbx=client))
    assert app.capabilities.requests_per_s == pytest.approx(750)  # a quarter is for bursts
    usable[0] = False

    assert app.capabilities.requests_per_s == 5
    with pytest.raises(VendorUnreachable, match="has no token"):
        await app.read(None, quiet)
    assert not (await app.check()).well
    with pytest.raises(ConfigError, match="has no token"):
        open_phonebook(replace(rig.context(), pbx=client))


@pytest.mark.parametrize("key", ["pbx", "phonebook"])
def test_an_account_without_a_needed_key_is_not_opened(rig: PhonebookRig, key: str) -> None:
    with pytest.raises(ConfigError, match=f"`{key}`"):
        open_phonebook(rig.context(**{key: " "}))


def test_settings_have_a_description_and_a_default_and_no_secret() -> None:
    assert all(info.description for info in PhonebookSettings.model_fields.values())
    assert KIND.secret_fields() == ()
    assert KIND.defaults()["create_phonebook"] is False
    assert KIND.pbx_key in PhonebookSettings.model_fields


@pytest.mark.parametrize("zone", ["Rome", "Europe/Nowhere", "../../etc/passwd", ""])
def test_a_time_zone_that_does_not_exist_is_refused(zone: str) -> None:
    with pytest.raises(ValidationError, match="time zone"):
        PhonebookSettings(stamp_timezone=zone)


class _Listed(Phonebooks):
    """Phonebooks as a test names them, for one question after the other; the last answer stays."""

    def __init__(self, *answers: list[Phonebook]) -> None:
        self._answers = list(answers)

    async def list(self, *, interactive: bool = False) -> tuple[Phonebook, ...]:
        return tuple(self._answers.pop(0) if len(self._answers) > 1 else self._answers[0])


def _finder(books: list[Phonebook], wanted: str) -> BookFinder:
    return BookFinder(lambda: _Listed(books), wanted, "Wildix phonebook (book)", filled_type=3, make=False)
