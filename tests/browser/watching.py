"""What goes wrong in a page without showing: policy violations, console errors, script errors, failed requests."""

from dataclasses import dataclass, field

from playwright.sync_api import ConsoleMessage, Page, Response

_TELL_VIOLATIONS = """
addEventListener("securitypolicyviolation", event =>
  console.error(`content policy: ${event.effectiveDirective} blocked ${event.blockedURI} (${event.sample})`))
"""


@dataclass
class Watch:
    """A page and everything it complained about. `expected` statuses are what a test provokes on purpose."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    expected: set[int] = field(default_factory=set)

    @classmethod
    def of(cls, page: Page, expected: set[int]) -> "Watch":
        """Watch a page from before its first navigation."""
        watch = cls(page, expected=expected)
        page.add_init_script(_TELL_VIOLATIONS)
        page.on("console", watch._on_console)
        page.on("pageerror", lambda error: watch.complaints.append(f"{page.url}: {error}"))
        page.on("response", watch._on_response)
        return watch

    def _on_console(self, message: ConsoleMessage) -> None:
        # Chromium repeats a failed request as a console line; the response itself tells more.
        if message.type in {"error", "warning"} and not message.text.startswith("Failed to load resource"):
            self.complaints.append(f"{self.page.url}: {message.text}")

    def _on_response(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self.expected:
            self.complaints.append(f"{response.request.method} {response.url} answered {response.status}")
