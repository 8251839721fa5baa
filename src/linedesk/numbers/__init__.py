"""What a phone number is: reading, keys, display, dialling and price. Pure: no network, store or clock."""

from linedesk.numbers.at_home import national_digits
from linedesk.numbers.dial import country, is_page_number, price_class, to_dial
from linedesk.numbers.display import international, mask, national
from linedesk.numbers.fiction import is_fiction
from linedesk.numbers.keys import lookup_keys, stored_keys, switchboard_keys
from linedesk.numbers.model import Certainty, Key, Kind, Number, NumberPlan, PrefixRule
from linedesk.numbers.plans import is_region, load_plans
from linedesk.numbers.prices import PriceClass
from linedesk.numbers.read import read

__all__ = [
    "Certainty",
    "Key",
    "Kind",
    "Number",
    "NumberPlan",
    "PrefixRule",
    "PriceClass",
    "country",
    "international",
    "is_fiction",
    "is_page_number",
    "is_region",
    "load_plans",
    "lookup_keys",
    "mask",
    "national",
    "national_digits",
    "price_class",
    "read",
    "stored_keys",
    "switchboard_keys",
    "to_dial",
]
