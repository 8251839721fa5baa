"""What may befall a request, by its name: the same words for every app under contract."""

from __future__ import annotations

from enum import StrEnum


class Trouble(StrEnum):
    """`BUSY_SECONDS` and `BUSY_DATE` ask to wait an hour, `BUSY_BRIEFLY` a second, its date two of them.

    `LOST_BEFORE` and `LOST_AFTER` break the connection before or after the request had its effect; `HANG`
    never answers.
    """

    UNAUTHORISED = "unauthorised"
    FORBIDDEN = "forbidden"
    BUSY_SECONDS = "busy-seconds"
    BUSY_DATE = "busy-date"
    BUSY_BRIEFLY = "busy-briefly"
    BUSY_BRIEFLY_DATE = "busy-briefly-date"
    SERVER_ERROR = "server-error"
    BAD_GATEWAY = "bad-gateway"
    UNAVAILABLE = "unavailable"
    GATEWAY_TIMEOUT = "gateway-timeout"
    HTML = "html"
    TRUNCATED = "truncated"
    HANG = "hang"
    LOST_BEFORE = "lost-before"
    LOST_AFTER = "lost-after"
    REPEAT_PAGE = "repeat-page"
    EMPTY_PAGE = "empty-page"


class Op(StrEnum):
    """Requests that a trouble can be laid on."""

    LIST = "list"
    GET = "get"
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
