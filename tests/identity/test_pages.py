"""The pages of identity as a browser meets them."""

import pytest

from kit.clock import utc_now
from kit.ids import new_id
from kit.settings import Settings
from kit.web.security import SESSION_COOKIE
from tenants.identity.links import make_link
from tenants.identity.service import register
from tenants.isolation.planes import Planes
from tests.identity.browser import Browser
from tests.people import PASSWORD, Person

NEW_PASSWORD = "nine loud kettles sing"


def _address() -> str:
    return f"ada-{new_id().hex[-12:]}@example.org"


def _sign_up(browser: Browser, email: str, **changes: str) -> str:
    fields = {
        "name": "Ada Lovelace",
        "email": email,
        "password": PASSWORD,
        "workspace_name": "Engines",
        "currency": "EUR",
        "timezone": "Europe/Oslo",
    }
    reply = browser.send("/sign-up", "/sign-up", **(fields | changes))
    answer: str = reply.headers.get("location", reply.text)
    return answer


def test_a_new_person_lands_on_the_checklist_and_is_signed_in(browser: Browser, planes: Planes) -> None:
    assert _sign_up(browser, email := _address()).endswith("/start")
    page = browser.open("/account")
    assert page.status_code == 200
    assert email in page.text
    assert "not confirmed yet" in page.text


def test_the_session_cookie_is_out_of_scripts_reach(browser: Browser) -> None:
    reply = browser.send(
        "/sign-up",
        "/sign-up",
        name="Ada",
        email=_address(),
        password=PASSWORD,
        workspace_name="Engines",
        currency="EUR",
        timezone="UTC",
    )
    cookie = next(value for value in reply.headers.get_list("set-cookie") if value.startswith("adloom_session="))
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie


def test_a_refused_form_keeps_what_was_typed_except_the_password(browser: Browser) -> None:
    page = _sign_up(browser, "ada at example")
    assert 'value="ada at example"' in page
    assert 'value="Engines"' in page
    assert PASSWORD not in page
    assert 'aria-invalid="true"' in page
    assert '<option value="Europe/Oslo" selected>' in page


def test_signing_up_with_a_known_address_says_check_your_mail(browser: Browser, owner: Person) -> None:
    page = _sign_up(browser, owner.email)
    assert "Check your mail" in page
    assert owner.email not in page


def test_signing_in_goes_where_one_wanted_to_and_out_again(browser: Browser, owner: Person) -> None:
    reply = browser.send("/sign-in", "/sign-in", email=owner.email, password=PASSWORD, next=owner.at("/settings/team"))
    assert reply.headers["location"] == owner.at("/settings/team")
    assert browser.open(owner.at("/settings/team")).status_code == 200
    assert browser.send("/account", "/sign-out").headers["location"] == "/sign-in"
    assert SESSION_COOKIE.name not in browser.client.cookies
    assert browser.open("/account").status_code == 401


@pytest.mark.parametrize(
    "elsewhere", ["//evil.example", "https://evil.example", "/\\evil.example", "/\t/evil.example", "evil.example"]
)
def test_signing_in_never_leads_to_another_site(browser: Browser, owner: Person, elsewhere: str) -> None:
    reply = browser.send("/sign-in", "/sign-in", email=owner.email, password=PASSWORD, next=elsewhere)
    assert reply.headers["location"] == "/"


def test_a_wrong_password_says_so_and_keeps_the_address(browser: Browser, owner: Person) -> None:
    reply = browser.send("/sign-in", "/sign-in", email=owner.email, password="not the password")
    assert reply.status_code == 401
    assert "E-mail address or password is wrong." in reply.text
    assert f'value="{owner.email}"' in reply.text


def test_the_sixth_wrong_password_has_to_wait(browser: Browser) -> None:
    email = _address()
    for _ in range(5):
        assert browser.send("/sign-in", "/sign-in", email=email, password="wrong").status_code == 401
    reply = browser.send("/sign-in", "/sign-in", email=email, password="wrong")
    assert reply.status_code == 429
    assert int(reply.headers["retry-after"]) > 0
    assert "Wait" in reply.text


def test_signing_in_renews_the_session(browser: Browser, owner: Person) -> None:
    browser.send("/sign-in", "/sign-in", email=owner.email, password=PASSWORD)
    first = browser.client.cookies["adloom_session"]
    browser.client.cookies.delete("adloom_session")
    browser.send("/sign-in", "/sign-in", email=owner.email, password=PASSWORD)
    assert browser.client.cookies["adloom_session"] != first


def test_a_form_from_another_site_is_refused(browser: Browser, owner: Person) -> None:
    browser.open("/sign-in")
    reply = browser.client.post("/sign-in", data={"email": owner.email, "password": PASSWORD})
    assert reply.status_code == 403


def test_a_verification_link_needs_a_press_and_works_once(browser: Browser, planes: Planes, settings: Settings) -> None:
    _sign_up(browser, _address())
    with planes.begin_control() as control:
        made = register(
            control, settings=settings, name="Eve", email=_address(), password=PASSWORD, workspace_name="Shop"
        )
        token = make_link(control, user_id=made.user.id, purpose="verify_email", now=utc_now())
    form = f"/verify-email?token={token}"
    assert browser.open(form).status_code == 200
    assert browser.send(form, "/verify-email", token=token).headers["location"] == "/"
    again = browser.send(form, "/verify-email", token=token)
    assert again.status_code == 422
    assert "works no more" in again.text


def test_a_password_is_set_anew_and_a_weak_one_leaves_the_link_usable(
    browser: Browser, planes: Planes, settings: Settings
) -> None:
    email = _address()
    with planes.begin_control() as control:
        made = register(control, settings=settings, name="Eve", email=email, password=PASSWORD, workspace_name="Shop")
        token = make_link(control, user_id=made.user.id, purpose="reset_password", now=utc_now())
    form, path = f"/password-reset/confirm?token={token}", "/password-reset/confirm"
    assert browser.send(form, path, token=token, password="password12").status_code == 422
    assert browser.send(form, path, token=token, password=NEW_PASSWORD).headers["location"] == "/sign-in"
    assert browser.send(form, path, token=token, password=NEW_PASSWORD).status_code == 422
    reply = browser.send("/sign-in", "/sign-in", email=email, password=NEW_PASSWORD)
    assert reply.headers["location"] == "/"


def test_asking_for_a_reset_looks_the_same_for_everybody(browser: Browser, owner: Person) -> None:
    pages = [
        browser.send("/password-reset", "/password-reset", email=email) for email in (owner.email, "nobody@example.org")
    ]
    assert [page.status_code for page in pages] == [200, 200]
    assert all("Check your mail" in page.text for page in pages)


def test_the_account_page_changes_name_and_password_and_lists_browsers(browser: Browser) -> None:
    _sign_up(browser, _address())
    assert "(this one)" in browser.open("/account").text
    assert browser.send("/account", "/account/name", name="Countess Ada").status_code == 303
    assert "Countess Ada" in browser.open("/account").text
    assert browser.send("/account", "/account/name", name=" ").status_code == 422
    wrong = browser.send("/account", "/account/password", current_password="wrong", password=NEW_PASSWORD)
    assert "The current password is wrong." in wrong.text
    right = browser.send("/account", "/account/password", current_password=PASSWORD, password=NEW_PASSWORD)
    assert right.status_code == 303
    assert browser.open("/account").status_code == 200
    assert browser.send("/account", "/verify-email/resend").status_code == 303


def test_another_browser_is_signed_out_from_the_account_page(browser: Browser) -> None:
    email = _address()
    _sign_up(browser, email)
    other = browser.client.cookies["adloom_session"]
    browser.client.cookies.clear()
    browser.send("/sign-in", "/sign-in", email=email, password=PASSWORD)
    page = browser.open("/account").text
    assert page.count("/sign-out") >= 2
    device = page.split("/account/devices/")[1].split("/")[0]
    assert browser.send("/account", f"/account/devices/{device}/sign-out").status_code == 303
    assert browser.send("/account", "/account/devices/no-device/sign-out").status_code == 303
    assert browser.open("/account").status_code == 200
    browser.client.cookies.clear()
    browser.client.cookies.set("adloom_session", other)
    assert browser.open("/account").status_code == 401
    browser.client.cookies.clear()
