"""Every error Linedesk raises on purpose.

    LinedeskError
    |- UserError                 what a person typed or configured
    |  |- ConfigError            config.toml, environment or secrets folder
    |  |- ApplyError             a file given to `linedesk apply`
    |  |- CsvError               a contacts file
    |  |- SyncImpossible         a connection that can't be synced as it is set up
    |  `- PortInUse              the listen address is taken
    |- SyncBusy                  another run of the connection is going on
    |- RequestError              what a client of the HTTP API or socket sent
    |  |- BadRequest  NotSignedIn  Forbidden  NotFound  Conflict  TooLarge  TooMany
    |  |- PickRefused            this contact can't be the one chosen for the number
    |  `- OriginRefused
    |- HookError                 what came to a webhook address
    |  |- UnknownAccount  HookNotListening  BadSignature  HookTooLarge  HookNotJson
    |- DialRefused               the dial guard said no
    |  |- NumberUnreadable  DestinationDenied  CapReached  DiallingStopped
    |  `- ConfirmationNeeded
    |- VendorError               a PBX or CRM, translated at the border
    |  |- VendorUnreachable  VendorTimeout  VendorAuth  VendorForbidden
    |  |- VendorRouteMissing  VendorNotFound  VendorBusy  VendorGarbled
    |  |- VendorRefused          it understood, and said no
    |  |  |- VendorDuplicate     another record holds a value that must be unique
    |  |  |- VendorInvalid       a field's value is not accepted
    |  |  `- VersionStale        the record was changed since it was read
    |  |- CursorLost             the place where a reading stopped is no longer known
    |  `- ListingBroken          a listing that repeats itself or ends too early
    `- StoreError                the database cannot do what was asked

A class carries a stable `code` (documented in docs/errors.md), the HTTP status of its answer, and a
`remedy`: one sentence that says what to do. `str(error)` is the sentence for people and never holds
a secret, a token or a response body.
"""

from __future__ import annotations


class LinedeskError(Exception):
    """Base of the tree. `message` is one clear sentence; `remedy` says what to do next."""

    code = "internal"
    status = 500
    remedy = "Look at the service's log; the line with this time says what happened."

    def __init__(self, message: str, *, remedy: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if remedy is not None:
            self.remedy = remedy

    def as_json(self) -> dict[str, object]:
        """The body of an error answer: `{"error": {"code", "message", "remedy"}}`."""
        return {"error": {"code": self.code, "message": self.message, "remedy": self.remedy}}


class UserError(LinedeskError):
    code = "user_error"
    status = 400
    remedy = "Correct the input and try again."


class ConfigError(UserError):
    code = "config_invalid"
    remedy = "Correct the setting; config.example.toml shows every one with its default."


class ApplyError(UserError):
    code = "apply_invalid"
    remedy = "Correct the file; `linedesk export` shows the form it must have."


class CsvError(UserError):
    code = "csv_invalid"
    remedy = "Save the file as CSV (UTF-8) with a header line that has a name and a phone column."


class SyncImpossible(UserError):
    code = "sync_impossible"
    status = 409
    remedy = "Correct the connection or its accounts with `linedesk apply`; `linedesk check` says more."


class PortInUse(UserError):
    code = "port_in_use"
    remedy = "Stop the other program, or choose another port with `port` in config.toml or --port."


class SyncBusy(LinedeskError):
    code = "sync_busy"
    status = 409
    remedy = "Wait until that run has finished, then run the sync again."


class RequestError(LinedeskError):
    code = "bad_request"
    status = 400
    remedy = "Correct the request; /api/openapi.json describes it."


class BadRequest(RequestError):
    pass


class NotSignedIn(RequestError):
    code = "not_signed_in"
    status = 401
    remedy = "Sign in again."


class Forbidden(RequestError):
    code = "forbidden"
    status = 403
    remedy = "Ask an owner of Linedesk for the right."


class OriginRefused(Forbidden):
    code = "origin_refused"
    remedy = "Add the page's origin to `origins` with `linedesk apply`, exactly as the browser shows it."


class NotFound(RequestError):
    code = "not_found"
    status = 404
    remedy = "Check the address."


class Conflict(RequestError):
    code = "conflict"
    status = 409
    remedy = "Read the present state and try again."


class PickRefused(RequestError):
    code = "pick_refused"
    status = 409
    remedy = "Look the number up again and choose one of the contacts that are shown for it."


class TooLarge(RequestError):
    code = "too_large"
    status = 413
    remedy = "Send less at once."


class TooMany(RequestError):
    code = "too_many"
    status = 429
    remedy = "Wait a moment and try again."


class HookError(LinedeskError):
    code = "hook_refused"
    status = 400
    remedy = "Compare the webhook's settings in WMS with the account's in Linedesk."


class UnknownAccount(HookError):
    code = "hook_unknown_account"
    status = 404
    remedy = "Use the hook address that `linedesk export` shows for the PBX account."


class HookNotListening(HookError):
    code = "hook_not_listening"
    status = 503
    remedy = "Put the webhook's secret from WMS into the account with `linedesk apply`."


class BadSignature(HookError):
    code = "hook_bad_signature"
    status = 401
    remedy = "Copy the webhook's secret from WMS into the account again; WMS makes a new one each time."


class HookTooLarge(HookError):
    code = "hook_too_large"
    status = 413
    remedy = "Raise `hook_body_max_bytes` if your PBX really sends bodies of this size."


class HookNotJson(HookError):
    code = "hook_not_json"
    status = 400
    remedy = "Choose JSON over HTTP POST for the webhook in WMS."


class DialRefused(LinedeskError):
    code = "dial_refused"
    status = 403
    remedy = "Ask an administrator whether this destination may be called."


class NumberUnreadable(DialRefused):
    code = "number_unreadable"
    status = 422
    remedy = "Type the number with its country code, for example +39 02 1234 5678."


class DestinationDenied(DialRefused):
    code = "destination_denied"
    remedy = "An administrator can allow the country or prefix under `dialling` with `linedesk apply`."


class CapReached(DialRefused):
    code = "cap_reached"
    status = 429
    remedy = "Wait, or ask an administrator to raise the limit under `dialling`."


class DiallingStopped(DialRefused):
    code = "dialling_stopped"
    remedy = "An administrator switched all outgoing calls off; dial emergency numbers from your phone."


class ConfirmationNeeded(DialRefused):
    code = "confirmation_needed"
    status = 409
    remedy = "Check the number, then dial again with `confirm` set to true."


class VendorError(LinedeskError):
    code = "vendor_error"
    status = 502
    remedy = "Try again; if it stays, run `linedesk check`."


class VendorUnreachable(VendorError):
    code = "vendor_unreachable"
    remedy = "Check that the PBX is up and that this machine can reach its address."


class VendorTimeout(VendorError):
    code = "vendor_timeout"
    status = 504
    remedy = "Look at your phone before you try again: the call may be ringing already."


class VendorAuth(VendorError):
    code = "vendor_auth"
    remedy = "Make a new token in WMS under Integrations and put it into the account."


class VendorForbidden(VendorError):
    code = "vendor_forbidden"
    remedy = "Give the token the right that is named, or use an administrator's token."


class VendorRouteMissing(VendorError):
    code = "vendor_route_missing"
    remedy = "Update WMS, or let Linedesk use the older way of dialling."


class VendorNotFound(VendorError):
    code = "vendor_not_found"
    remedy = "The call or record is gone; look at the PBX."


class VendorBusy(VendorError):
    code = "vendor_busy"
    status = 503
    remedy = "Wait a moment and try again."


class VendorGarbled(VendorError):
    code = "vendor_garbled"
    remedy = "Check the PBX address: something else than a Wildix PBX answered."


class VendorRefused(VendorError):
    code = "vendor_refused"
    remedy = "Read the PBX's reason and correct the request."


class VendorDuplicate(VendorRefused):
    """`holder`: the id of the record that holds the value, None where the app does not tell it."""

    code = "vendor_duplicate"
    status = 409
    remedy = "Open the record that holds the value, and correct one of the two."

    def __init__(self, message: str, *, holder: str | None = None, remedy: str | None = None) -> None:
        super().__init__(message, remedy=remedy)
        self.holder = holder


class VendorInvalid(VendorRefused):
    """`field`: the app's name of the field, None where it does not tell it."""

    code = "vendor_invalid"
    status = 422
    remedy = "Correct the field in the record that it comes from."

    def __init__(self, message: str, *, field: str | None = None, remedy: str | None = None) -> None:
        super().__init__(message, remedy=remedy)
        self.field = field


class VersionStale(VendorRefused):
    code = "version_stale"
    status = 409
    remedy = "Nothing to do: the next run takes the newer version."


class CursorLost(VendorError):
    code = "cursor_lost"
    remedy = "Nothing to do: the next reading takes everything."


class ListingBroken(VendorError):
    code = "listing_broken"
    remedy = "Run the sync again; if it stays, the system in between (a proxy, a cache) changes its answers."


class StoreError(LinedeskError):
    code = "store_error"
    status = 503
    remedy = "Check the disk's space and rights of the data folder, then start the service again."
