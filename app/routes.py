"""The one table of URLs: every slice's handlers, and nothing else imports them."""

from collections.abc import Sequence

from litestar.handlers import BaseRouteHandler

from app.campaigns import api as campaigns_api
from app.campaigns import event_api, event_pages
from app.campaigns import pages as campaigns_pages
from app.connections import api as connections_api
from app.connections import pages as connections_pages
from app.creatives import api as creatives_api
from app.creatives import pages as creatives_pages
from app.customers import api as customers_api
from app.customers import pages as customers_pages
from app.experiments import api as experiments_api
from app.experiments import pages as experiments_pages
from app.imports import api as imports_api
from app.imports import customer_api as imports_customer_api
from app.imports import customer_pages as imports_customer_pages
from app.imports import pages as imports_pages
from app.mix import api as mix_api
from app.mix import campaign_api as mix_campaign_api
from app.mix import lift_api as mix_lift_api
from app.mix import lift_pages as mix_lift_pages
from app.mix import model_pages as mix_model_pages
from app.mix import pages as mix_pages
from app.mix import path_api as mix_path_api
from app.mix import path_pages as mix_path_pages
from app.offers import api as offers_api
from app.offers import pages as offers_pages
from app.operations import api as operations_api
from app.operations import live as operations_live
from app.operations import pages as operations_pages
from app.performance import anomaly_api, anomaly_pages, norm_api, norm_pages
from app.performance import api as performance_api
from app.performance import pages as performance_pages
from app.performance.campaigns import api as campaigns_numbers_api
from app.performance.campaigns import change_pages as campaign_change_pages
from app.performance.campaigns import comparing_pages as campaign_comparing_pages
from app.performance.campaigns import one_pages as campaign_one_pages
from app.performance.campaigns import pages as performance_campaigns_pages
from app.predictions import api as predictions_api
from app.predictions import customer_api as predictions_customer_api
from app.predictions import customer_pages as predictions_customer_pages
from app.predictions import pages as predictions_pages
from app.site import health as site_health
from app.site import pages as site_pages
from app.sync import api as sync_api
from app.sync import pages as sync_pages
from billing import api as billing_api
from billing import pages as billing_pages
from tenants.identity import api as identity_api
from tenants.identity import pages as identity_pages
from tenants.workspaces import api as workspaces_api
from tenants.workspaces import pages as workspaces_pages

ROUTES: Sequence[BaseRouteHandler] = [
    *site_health.HANDLERS,
    *site_pages.HANDLERS,
    *identity_api.HANDLERS,
    *identity_pages.HANDLERS,
    *workspaces_api.HANDLERS,
    *workspaces_pages.HANDLERS,
    *billing_api.HANDLERS,
    *billing_pages.HANDLERS,
    *operations_api.HANDLERS,
    *operations_live.HANDLERS,
    *operations_pages.HANDLERS,
    *performance_api.HANDLERS,
    *performance_pages.HANDLERS,
    *anomaly_api.HANDLERS,
    *anomaly_pages.HANDLERS,
    *norm_api.HANDLERS,
    *norm_pages.HANDLERS,
    *campaigns_numbers_api.HANDLERS,
    *campaign_change_pages.HANDLERS,
    *campaign_comparing_pages.HANDLERS,
    *campaign_one_pages.HANDLERS,
    *performance_campaigns_pages.HANDLERS,
    *campaigns_api.HANDLERS,
    *campaigns_pages.HANDLERS,
    *event_api.HANDLERS,
    *event_pages.HANDLERS,
    *connections_api.HANDLERS,
    *connections_pages.HANDLERS,
    *sync_api.HANDLERS,
    *sync_pages.HANDLERS,
    *imports_api.HANDLERS,
    *imports_pages.HANDLERS,
    *customers_api.HANDLERS,
    *customers_pages.HANDLERS,
    *imports_customer_api.HANDLERS,
    *imports_customer_pages.HANDLERS,
    *mix_api.HANDLERS,
    *mix_campaign_api.HANDLERS,
    *mix_lift_api.HANDLERS,
    *mix_lift_pages.HANDLERS,
    *mix_model_pages.HANDLERS,
    *mix_pages.HANDLERS,
    *mix_path_api.HANDLERS,
    *mix_path_pages.HANDLERS,
    *predictions_api.HANDLERS,
    *predictions_pages.HANDLERS,
    *predictions_customer_api.HANDLERS,
    *predictions_customer_pages.HANDLERS,
    *offers_api.HANDLERS,
    *offers_pages.HANDLERS,
    *creatives_api.HANDLERS,
    *creatives_pages.HANDLERS,
    *experiments_api.HANDLERS,
    *experiments_pages.HANDLERS,
]
