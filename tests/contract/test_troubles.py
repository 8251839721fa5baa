"""Contract of bad days: each ends in one clear error that names the account and gives nothing away."""

from __future__ import annotations

import logging
import time

import pytest
import stamina
import structlog

from contract.asking import complete, ids, quiet
from contract.rigs import Rig
from contract.troubles import Op, Trouble
from linedesk.apps.records import Draft, Patch
from linedesk.errors import (
    VendorAuth,
    VendorBusy,
    VendorError,
    VendorForbidden,
    VendorGarbled,
    VendorTimeout,
    VendorUnreachable,
)
from linedesk.net import _quiet_library_logs

_READS: dict[Trouble, tuple[type[VendorError], ...]] = {
    Trouble.UNAUTHORISED: (VendorAuth,),
    Trouble.FORBIDDEN: (VendorForbidden,),
    Trouble.BUSY_SECONDS: (VendorBusy,),
    Trouble.BUSY_DATE: (VendorBusy,),
    Trouble.SERVER_ERROR: (VendorError,),
    Trouble.BAD_GATEWAY: (VendorTimeout,),
    Trouble.UNAVAILABLE: (VendorBusy,),
    Trouble.GATEWAY_TIMEOUT: (VendorTimeout,),
    Trouble.HTML: (VendorGarbled,),
    Trouble.TRUNCATED: (VendorTimeout, VendorGarbled),
    Trouble.LOST_BEFORE: (VendorTimeout, VendorUnreachable),
}
_BY_OP = (Trouble.UNAUTHORISED, Trouble.SERVER_ERROR)


def _fits(rig: Rig, trouble: Trouble) -> None:
    if trouble not in rig.troubles:
        pytest.skip("not on this wire")


@pytest.mark.parametrize("trouble", sorted(_READS))
async def test_a_reading_that_fails_says_so_in_one_sentence_and_the_next_one_works(
    rig: Rig, trouble: Trouble
) -> None:
    _fits(rig, trouble)
    if not rig.over_a_wire and trouble is Trouble.LOST_BEFORE:
        pytest.skip("only writes are lost in memory")
    made = rig.fill(101)
    rig.befall(trouble, Op.LIST, skip=1)

    with pytest.raises(_READS[trouble]) as raised:
        await rig.app.read(None, quiet)

    _is_clear(rig, raised.value)
    rig.calm()
    assert sorted(ids(await complete(rig.app))) == sorted(made)


async def test_a_reading_without_an_answer_ends_at_its_deadline_and_the_next_one_works(
    impatient_rig: Rig,
) -> None:
    rig = impatient_rig
    _fits(rig, Trouble.HANG)
    made = rig.fill(3)
    rig.befall(Trouble.HANG, Op.LIST)

    with pytest.raises(VendorTimeout) as raised:
        await rig.app.read(None, quiet)

    _is_clear(rig, raised.value)
    rig.calm()
    assert sorted(ids(await complete(rig.app))) == sorted(made)


@pytest.mark.parametrize("trouble", [Trouble.BUSY_BRIEFLY, Trouble.BUSY_BRIEFLY_DATE])
async def test_S22_an_answer_that_asks_to_wait_briefly_is_waited_for(rig: Rig, trouble: Trouble) -> None:
    _fits(rig, trouble)
    made = rig.fill(3)
    rig.befall(trouble, Op.LIST, times=1)
    began_s, began_ms = time.monotonic(), rig.clock.now_ms()

    with stamina.set_testing(False):
        assert sorted(ids(await complete(rig.app))) == sorted(made)

    # On the clock or in earnest; a date has whole seconds only.
    assert time.monotonic() - began_s + (rig.clock.now_ms() - began_ms) / 1000 > 0.9


async def test_secrets_are_in_no_error_log_or_repr(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    (record_id,) = rig.fill(1)
    told: list[str] = [repr(rig.app), repr(rig.app.capabilities)]
    caplog.set_level(logging.DEBUG)
    _quiet_library_logs()  # as the service has them, whatever level a log handler asks for

    with structlog.testing.capture_logs() as lines:
        for trouble in sorted(rig.troubles - {Trouble.HANG}):
            # Some meet each kind of request alone, after others that pass.
            for op in Op if trouble in _BY_OP else [None]:
                if op is None:
                    rig.all_fails(trouble)
                else:
                    rig.befall(trouble, op)
                for error in await _everything_fails(rig, record_id):
                    told += [str(error), repr(error), error.remedy, str(error.as_json())]
                rig.calm()
        told.append(repr(await rig.app.check()))
    told += [repr(line) for line in lines] + [record.getMessage() for record in caplog.records]

    assert len(told) > 20
    for secret in rig.secrets:
        assert not [text for text in told if secret in text]


async def test_a_check_says_what_is_wrong_instead_of_failing(rig: Rig) -> None:
    assert (await rig.app.check()).well

    rig.all_fails(Trouble.UNAUTHORISED)
    checked = await rig.app.check()

    assert not checked.well
    assert all(each.sentence.startswith(rig.who) for each in checked.findings)
    assert any(each.remedy for each in checked.findings)


def _is_clear(rig: Rig, error: VendorError) -> None:
    text = str(error)
    assert text.startswith(rig.who), text
    assert text.endswith("."), text
    assert text.isprintable()
    assert len(text) < 400
    assert error.remedy


async def _everything_fails(rig: Rig, record_id: str) -> list[VendorError]:
    errors: list[VendorError] = []
    try:
        await rig.app.read(None, quiet)
    except VendorError as error:
        errors.append(error)
    writes = (
        rig.app.create([Draft(rig.draft("Ada"))]),
        rig.app.update([Patch(record_id, {"name": "Grace"})]),
        rig.app.delete(["999999999"]),
    )
    for write in writes:
        try:
            outcomes = await write
            errors += [each.error for each in outcomes if hasattr(each, "error")]
        except VendorError as error:
            errors.append(error)
    return errors
