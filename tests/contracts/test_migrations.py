"""What the migrations build from nothing is what the models declare, on both planes."""

from collections.abc import Callable
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData

import app.models  # noqa: F401 registers every table
from kit.db import ControlModel, TenantModel
from kit.settings import Settings
from tenants.isolation.planes import Planes
from tenants.isolation.setup import owner_engine


def _differences(settings: Settings, metadata: MetaData, schema: str) -> list[Any]:
    with owner_engine(settings).connect() as connection:
        names_schemas = metadata.schema is not None
        if not names_schemas:
            connection.exec_driver_sql(f'SET search_path = "{schema}"')
            connection.dialect.default_schema_name = schema
        context = MigrationContext.configure(
            connection,
            opts={
                "include_schemas": names_schemas,
                "include_name": lambda name, kind, _parents: not names_schemas or kind != "schema" or name == schema,
                "compare_type": True,
            },
        )
        found = compare_metadata(context, metadata)
    return [item for item in found if not _is_history(item)]


def _is_history(item: Any) -> bool:
    return item[0] == "remove_table" and item[1].name == "alembic_version"


def test_the_control_plane_is_what_its_models_say(settings: Settings, planes: Planes) -> None:
    assert _differences(settings, ControlModel.metadata, "control") == []


def test_a_workspace_is_what_its_models_say(settings: Settings, planes: Planes, make_spare: Callable[[], str]) -> None:
    assert _differences(settings, TenantModel.metadata, make_spare()) == []
