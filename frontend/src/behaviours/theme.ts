// The theme buttons: the choice goes into a cookie, so that the server's next page has it from the first byte.
const COOKIE = "adloom_theme";
const YEAR_S = 31_536_000;

export function startTheme(): void {
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-theme-choice]");
    if (button) choose(button.dataset.themeChoice ?? "auto");
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", announce);
}

function choose(theme: string): void {
  document.documentElement.dataset.theme = theme;
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${COOKIE}=${theme}; Path=/; Max-Age=${YEAR_S}; SameSite=Lax${secure}`;
  for (const button of document.querySelectorAll<HTMLElement>("[data-theme-choice]")) {
    button.setAttribute("aria-pressed", String(button.dataset.themeChoice === theme));
  }
  announce();
}

/** Canvases cannot follow CSS, so they are told. */
function announce(): void {
  document.dispatchEvent(new CustomEvent("adloom:theme"));
}
