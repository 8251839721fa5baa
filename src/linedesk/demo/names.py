"""Invented people and companies of many languages, as raw material for `seed.py`."""

from __future__ import annotations

# country of the numbers -> first names, last names
PEOPLE: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "GB": (
        ("Alice", "Callum", "Eleanor", "Finlay", "Grace", "Harriet", "Isla", "Jamal", "Olwen", "Priya"),
        ("Ashworth", "Birtwhistle", "Carrington", "Fairclough", "MacAllister", "O'Neill", "Okafor", "Patel"),
    ),
    "US": (
        ("Aaliyah", "Brandon", "Camila", "Diego", "Hannah", "Jayden", "Keisha", "Mei", "Nguyễn", "Sofía"),
        ("Abernathy", "Castañeda", "Delacroix", "Hofstetter", "Kowalczyk", "Trần", "Washington", "Yamamoto"),
    ),
    "DE": (
        ("Änne", "Björn", "Friederike", "Jürgen", "Käthe", "Łukasz", "Ömer", "Özlem", "Şebnem", "Wolfgang"),
        ("Groß", "Kärcher", "Müller-Lüdenscheidt", "Öztürk", "Schäfer", "Strauß", "Wójcik", "Yıldız"),
    ),
    "FR": (
        ("Anaïs", "Benoît", "Chloé", "François", "Gaëlle", "Ioánna", "Léa", "Loïc", "Zoé", "Дмитрий"),
        ("Bérenger", "Château", "D'Alembert", "Fournier", "Lefèvre", "Ναυπλιώτη", "Quérel", "Соколов"),
    ),
}

COMPANY_WORDS: tuple[str, ...] = (
    "Alder", "Beacon", "Birch", "Cedar", "Compass", "Cormorant", "Curlew", "Dovetail", "Ember", "Fathom",
    "Granite", "Hazel", "Juniper", "Keel", "Lantern", "Linden", "Marram", "Osprey", "Quarry", "Rowan",
    "Saffron", "Sextant", "Tern", "Thistle", "Timber", "Wharf", "Willow", "Yarrow",
)  # fmt: skip
COMPANY_TRADES: dict[str, tuple[str, ...]] = {
    "GB": ("Logistics Ltd", "Instruments Ltd", "& Daughters", "Optics plc"),
    "US": ("Foods Inc.", "Analytics LLC", "Supply Co.", "Robotics Inc."),
    "DE": ("Maschinenbau GmbH", "Werkzeuge KG", "Versicherungsmakler GmbH", "Druck & Medien AG"),
    "FR": ("Conseil SARL", "et Fils", "Industries SA", "Mobilier SAS"),
}
JOBS: tuple[str, ...] = (
    "Buyer", "Operations manager", "Accounts payable", "Head of IT", "Office manager", "Site engineer",
    "Warehouse lead", "Managing director", "Customer care", "Facility manager",
)  # fmt: skip
SUBJECTS: tuple[str, ...] = (
    "Delivery arrived with one box missing",
    "Question about the March invoice",
    "Please move our appointment to Thursday",
    "The replacement part does not fit",
    "New delivery address for the Leeds site",
    "Warranty for a unit bought in May",
    "Cannot sign in to the customer portal",
    "Quote for forty more seats",
)
