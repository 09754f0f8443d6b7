"""Column names in English, German, French, Spanish, Italian, Portuguese and Dutch, and as the ad platforms export them.

Spelt as `columns.words_of` folds them: lower case, no accents, one space between words.
"""

import re

from app.imports.shape import Field


def _words(text: str) -> frozenset[str]:
    return frozenset(part.strip() for part in text.split(",") if part.strip())


SPELLINGS: dict[Field, frozenset[str]] = {
    Field.DATE: _words(
        "date, day, days, datum, tag, jour, fecha, dia, data, giorno, dag, reporting starts, date start, reporting date, "
        "report date, date day, order date, ds, time, time period, datetime, timestamp, buchungstag, week, woche, semaine"
    ),
    Field.CHANNEL: _words(
        "channel, channels, kanal, kanaal, canal, canale, marketing channel, marketingkanal, ad channel, media channel, "
        "channel name, platform, plattform, plateforme, plataforma, piattaforma, ad platform, source, quelle, fuente, "
        "fonte, bron, traffic source, utm source, network, netzwerk, ad network, publisher, medium, media, werbekanal, "
        "channel grouping, default channel group, session default channel group"
    ),
    Field.SPEND: _words(
        "spend, spent, ad spend, adspend, media spend, marketing spend, total spend, cost, costs, total cost, ad cost, "
        "media cost, amount spent, kosten, ausgaben, werbeausgaben, werbekosten, mediakosten, ausgegebener betrag, cout, "
        "couts, cout total, depense, depenses, montant depense, gasto, gastos, coste, costes, costo, costi, inversion, "
        "importe gastado, spesa, spese, importo speso, custo, custos, valor gasto, investimento, uitgaven, "
        "besteed bedrag, advertentiekosten, budget, investment, expense, expenses, depenses publicitaires"
    ),
    Field.REVENUE: _words(
        "revenue, revenues, total revenue, sales, total sales, net sales, gross sales, sales value, turnover, income, "
        "gmv, order value, umsatz, umsatze, gesamtumsatz, nettoumsatz, bruttoumsatz, erlos, erlose, einnahmen, "
        "chiffre d affaires, chiffre affaires, ca, revenu, revenus, recettes, ventes, ingresos, ventas, facturacion, "
        "ricavi, ricavo, fatturato, vendite, entrate, receita, receitas, faturamento, vendas, omzet, inkomsten, "
        "verkopen, conversion value, conversions value, conv value, total conversion value, all conv value, "
        "purchase value, purchases value, purchases conversion value, purchase conversion value, website purchases conversion value, "
        "conversion wert, conversionwert, valeur de conversion, valor de conversion, valor de la conversion, "
        "valore di conversione, valore conversioni, valor da conversao, conversiewaarde, purchase revenue, day revenue, "
        "revenue total, daily revenue, tagesumsatz"
    ),
    Field.IMPRESSIONS: _words(
        "impressions, impression, impr, imps, views, ad impressions, impressionen, einblendungen, affichages, "
        "impresiones, impressioni, visualizzazioni, impressoes, vertoningen, weergaven"
    ),
    Field.CLICKS: _words(
        "clicks, click, link clicks, ad clicks, outbound clicks, klicks, klick, linkklicks, clics, clic, clics sur un lien, "
        "clics en el enlace, clic sul link, cliques, cliques no link, klikken, kliks"
    ),
    Field.CONVERSIONS: _words(
        "conversions, conversion, conv, convs, purchases, orders, order count, number of orders, transactions, results, "
        "key events, konversionen, conversionen, bestellungen, kaufe, ergebnisse, achats, commandes, resultats, "
        "conversiones, compras, pedidos, resultados, conversioni, acquisti, ordini, risultati, conversoes, conversies, "
        "aankopen, bestellingen, website purchases"
    ),
    Field.NEW_CUSTOMERS: _words(
        "new customers, new customer, first time customers, new buyers, new clients, new customer orders, neukunden, "
        "neue kunden, nouveaux clients, clientes nuevos, nuevos clientes, nuovi clienti, clienti nuovi, novos clientes, "
        "clientes novos, nieuwe klanten, first time buyers"
    ),
    Field.RETURNING_CUSTOMERS: _words(
        "returning customers, returning customer, repeat customers, existing customers, recurring customers, "
        "returning buyers, bestandskunden, wiederkehrende kunden, stammkunden, clients existants, clients recurrents, "
        "clients fideles, clientes recurrentes, clientes existentes, clienti di ritorno, clienti abituali, "
        "clientes recorrentes, terugkerende klanten, bestaande klanten"
    ),
    Field.CAMPAIGN: _words(
        "campaign, campaigns, campaign name, kampagne, kampagnenname, kampagnen, campagne, nom de la campagne, campana, "
        "nombre de la campana, campagna, nome della campagna, nome campagna, campanha, nome da campanha, campagnenaam, "
        "naam campagne, utm campaign"
    ),
}

# These mean something else as often; they lose against any clearer name and are never searched for inside a longer one.
WEAK = _words(
    "source, platform, network, medium, media, budget, data, time, views, results, sales, week, ca, conversion, income, investment, "
    "publisher, order value, ds, days, semaine, woche, tag, day, conv, clic, click, income, expense, expenses, fonte, spent, order count"
) - {"day", "tag"}

# Ratios and targets that contain a field's name.
NEVER = re.compile(
    r" (per|pro|par|por|rate|rates|ctr|cpc|cpm|cpa|cpl|cpv|roas|roi|avg|average|share|anteil|id|ids|target|goal|lost|status|"
    r"currency|wahrung|devise|moneda|valuta|type|objective|end|ends|ended|update|updated|created|margin|profit|frequency|"
    r"view through|viewthrough|cumulative|previous|prior|yoy|growth|change) "
)
