"""`adloom demo-data`: fills the demo's workspaces."""

import click

from app.cli.stack import DEMO_EMAIL
from kit.settings import load_settings
from kit.storage import open_storage
from tenants.isolation.planes import open_planes


@click.command("demo-data")
@click.option("--email", default=DEMO_EMAIL, show_default=True, help="Address that signs in to the demo.")
@click.option("--password", required=True, envvar="ADLOOM_DEMO_PASSWORD", help="Its password.")
def demo_data(email: str, password: str) -> None:
    """Make the demo's account and fill its workspaces; running it again adds the days that have passed."""
    from app.site.demo import build_demo
    from app.site.demo_platforms import connect_demo

    settings = load_settings()
    planes, storage = open_planes(settings, application_name="adloom-demo"), open_storage(settings)
    made = build_demo(planes, storage, email=email, password=password, tell=click.echo)
    if settings.connectors_base_url:
        connect_demo(planes, settings, person=made.person_id, tell=click.echo)
    planes.close()
    click.echo(f"The demo is ready at {settings.base_url}/w/{made.workspace_id}/overview")
