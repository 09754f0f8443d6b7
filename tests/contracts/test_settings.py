"""Every setting is explained, and the generated pages say what `kit/settings.py` says."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from app.cli.safety import UnsafeSettings, refuse_unsafe
from app.cli.settings import default_of, example_file, grouped, reference_page
from kit.settings import Settings

ROOT = Path(__file__).parents[2]
_STRONG = SecretStr("rP3-kd84Jx_mQz71LwTnb0Vs9YcHe2Ug")


def test_every_setting_has_a_description() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_every_setting_stands_under_exactly_one_heading() -> None:
    listed = [name for _, fields in grouped() for name, _ in fields]
    assert sorted(listed) == sorted(Settings.model_fields)


def test_the_example_file_is_up_to_date() -> None:
    assert (ROOT / ".env.example").read_text(encoding="utf-8") == example_file(), "run `make docs`"


def test_the_reference_page_is_up_to_date() -> None:
    page = ROOT / "docs" / "reference" / "settings.md"
    assert page.read_text(encoding="utf-8") == reference_page(), "run `make docs`"


def test_the_example_with_every_line_switched_on_changes_nothing(tmp_path: Path) -> None:
    lines = [line.removeprefix("# ") for line in example_file().splitlines() if "=" in line]
    file = tmp_path / ".env"
    file.write_text("\n".join(line for line in lines if line.split("=")[0].isupper()), encoding="utf-8")
    assert Settings(_env_file=file) == Settings(_env_file=None)


def test_secrets_have_no_default_and_are_never_printed() -> None:
    secrets = [name for name, field in Settings.model_fields.items() if field.annotation is SecretStr]
    assert len(secrets) > 5
    assert all(default_of(Settings.model_fields[name]) == "" for name in secrets)
    assert "hunter2" not in repr(Settings(stripe_secret_key=SecretStr("hunter2"), _env_file=None))


def test_production_refuses_a_weak_key_and_plain_http_and_says_both() -> None:
    settings = Settings(adloom_env="production", adloom_secret_key=SecretStr("short"), _env_file=None)
    with pytest.raises(UnsafeSettings, match=r"ADLOOM_SECRET_KEY is weak.*plain HTTP"):
        refuse_unsafe(settings)


def test_production_accepts_a_strong_key_behind_tls() -> None:
    refuse_unsafe(
        Settings(
            adloom_env="production",
            adloom_secret_key=_STRONG,
            adloom_base_url="https://adloom.example",
            _env_file=None,
        )
    )


def test_development_refuses_nothing() -> None:
    refuse_unsafe(Settings(_env_file=None))
