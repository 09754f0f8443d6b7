// Keeps a page marked `data-live` up to date: waits for the next change, fetches the page again, replaces its content.
const main = document.querySelector("main[data-live]");

async function nextRevision(seen) {
  const reply = await fetch(`/api/changes?seen=${seen}&wait_s=25`);
  if (!reply.ok) throw new Error(`status ${reply.status}`);
  return String((await reply.json()).revision);
}

async function refresh() {
  const reply = await fetch(location.href, { headers: { accept: "text/html" } });
  const fresh = new DOMParser().parseFromString(await reply.text(), "text/html");
  const open = [...main.querySelectorAll("details[open][id]")].map((details) => details.id);
  main.replaceChildren(...fresh.querySelector("main").childNodes);
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  document.title = fresh.title;
}

async function follow() {
  let seen = main.dataset.revision;
  for (;;) {
    try {
      const revision = await nextRevision(seen);
      const isTyping = main.contains(document.activeElement) && document.activeElement.matches("input");
      if (revision !== seen && !isTyping) await refresh();
      seen = revision;
    } catch {
      // The sandbox is restarting: look again in a moment.
      await new Promise((resume) => setTimeout(resume, 2000));
    }
  }
}

if (main) follow();
