"""What the columns of a file about customers mean: found by name in several languages, or chosen by a person."""

from collections.abc import Mapping, Sequence
from enum import StrEnum

from app.imports.columns import words_of
from app.imports.refusals import ColumnsMissing
from app.imports.shape import OWN_COLUMNS


class CustomerField(StrEnum):
    """What a column can mean."""

    CUSTOMER = "customer"
    HAPPENED_AT = "happened_at"
    KIND = "kind"
    VALUE = "value"
    CURRENCY = "currency"
    ORDER = "order"
    CHANNEL = "channel"
    CAMPAIGN = "campaign"
    NAME = "name"
    EXTERNAL_ID = "external_id"
    CUSTOMER_NAME = "customer_name"
    EMAIL = "email"
    COUNTRY = "country"


def _words(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


# Spelt as `columns.words_of` folds names; the first spellings win where several columns fit.
SPELLINGS: dict[CustomerField, tuple[str, ...]] = {
    CustomerField.CUSTOMER: _words(
        "customer id, customer, customer number, customer no, customer key, client id, client, user id, buyer id, buyer, kunden id, "
        "kundennummer, kunden nr, kunde, id client, numero client, cliente, id cliente, klant, klantnummer, klant id, contact id, "
        "person id, account id, member id, shopper id, user"
    ),
    CustomerField.HAPPENED_AT: _words(
        "happened at, date, day, time, timestamp, datetime, date time, created at, ordered at, order date, purchase date, "
        "paid at, event time, event date, occurred at, processed at, invoice date, transaction date, datum, bestelldatum, "
        "kaufdatum, rechnungsdatum, zeitpunkt, tag, fecha, data, jour, date de commande, besteldatum, ds"
    ),
    CustomerField.KIND: _words(
        "kind, type, event type, event kind, action, activity, event, art, typ, ereignis, vorgang, tipo, categorie, soort"
    ),
    CustomerField.VALUE: _words(
        "value, amount, order value, order total, total, revenue, net revenue, sales, total price, total amount, price, paid, "
        "order amount, subtotal, betrag, bestellwert, umsatz, summe, gesamtbetrag, preis, wert, montant, prix, importe, precio, "
        "importo, prezzo, valor, preco, bedrag, omzet, gmv, monetary value, spend"
    ),
    CustomerField.CURRENCY: _words("currency, currency code, wahrung, devise, moneda, valuta, moeda"),
    CustomerField.ORDER: _words(
        "order, order number, order no, order id, order ref, order name, invoice, invoice no, invoice number, invoice id, "
        "transaction id, transaction, bestellnummer, bestellung, auftragsnummer, rechnungsnummer, commande, numero de commande, "
        "pedido, numero de pedido, ordine, numero ordine, bestelling, ordernummer"
    ),
    CustomerField.CHANNEL: _words(
        "channel, source, utm source, marketing channel, traffic source, medium, platform, kanal, quelle, canal, canale, "
        "kanaal, bron, fuente"
    ),
    CustomerField.CAMPAIGN: _words(
        "campaign, campaign name, utm campaign, kampagne, campagne, campana, campagna, campanha"
    ),
    CustomerField.NAME: _words(
        "offer, offer name, event name, promotion, promo, coupon, coupon code, discount code, angebot, aktion, offre, oferta, "
        "offerta, aanbieding, name"
    ),
    CustomerField.EXTERNAL_ID: _words("event id, external id, row id, id, uuid, ereignis id"),
    CustomerField.CUSTOMER_NAME: _words(
        "customer name, full name, client name, buyer name, kundenname, nom du client, nombre del cliente, nome cliente, "
        "klantnaam, display name"
    ),
    CustomerField.EMAIL: _words(
        "email, e mail, email address, e mail address, customer email, mail, courriel, correo, e mail adresse, emailadres"
    ),
    CustomerField.COUNTRY: _words(
        "country, country code, shipping country, billing country, land, pays, pais, paese, staat, region country"
    ),
}
Columns = dict[CustomerField, str]


def recognised_columns(header: Sequence[str]) -> Columns:
    """Field → column, by names alone. In a list of customers without days, `name` is the customer's and `id` their number."""
    by_words = {words_of(name): name for name in reversed(header) if name.strip() and name not in OWN_COLUMNS}
    found: Columns = {}
    for field, spellings in SPELLINGS.items():
        taken = set(found.values())
        match = next((by_words[one] for one in spellings if one in by_words and by_words[one] not in taken), None)
        if match is not None:
            found[field] = match
    if CustomerField.HAPPENED_AT not in found:
        _as_list_of_customers(found)
    if CustomerField.CUSTOMER not in found and CustomerField.EMAIL in found:
        found[CustomerField.CUSTOMER] = found[CustomerField.EMAIL]
    return found


def chosen_columns(header: Sequence[str], chosen: Mapping[str, str]) -> Columns:
    """What a person chose: field → column. Refuses fields and columns that do not exist."""
    known = {name.strip(): name for name in reversed(header)}
    columns: Columns = {}
    for field, name in chosen.items():
        if field not in {one.value for one in CustomerField}:
            names = ", ".join(one.value for one in CustomerField)
            raise ColumnsMissing(f"There is no field “{field[:40]}”.", f"Use one of: {names}.")
        if name.strip() not in known:
            raise ColumnsMissing(f"The file has no column “{name[:80]}”.", "Choose a column of the file.")
        columns[CustomerField(field)] = known[name.strip()]
    return columns


def has_events(columns: Columns) -> bool:
    """True where rows tell what happened and when; else each row is a customer."""
    return CustomerField.HAPPENED_AT in columns


def missing_columns(columns: Columns) -> list[str]:
    """What has to be chosen before the file can be read, in words."""
    missing = []
    if CustomerField.CUSTOMER not in columns:
        missing.append("the customer")
    tells = (CustomerField.VALUE, CustomerField.KIND, CustomerField.CHANNEL)
    if has_events(columns) and not any(field in columns for field in tells):
        missing.append("the value of the order, or the kind of event")
    return missing


def require_columns(columns: Columns) -> None:
    """Refuse a choice that lacks a needed column."""
    if missing := missing_columns(columns):
        raise ColumnsMissing(
            f"No column is chosen for {' and '.join(missing)}.",
            "Choose the columns by hand, or add them to the file: customer, date, value, order.",
        )


def _as_list_of_customers(found: Columns) -> None:
    moves = (
        (CustomerField.EXTERNAL_ID, CustomerField.CUSTOMER),
        (CustomerField.NAME, CustomerField.CUSTOMER_NAME),
    )
    for from_field, to_field in moves:
        if from_field in found and to_field not in found:
            found[to_field] = found.pop(from_field)
