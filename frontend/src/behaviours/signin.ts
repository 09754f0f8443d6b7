// A platform's consent page in a window of its own: the page behind it waits, and goes on when the person is back.
// Our pages are cut off from windows of other origins, so the two speak by a channel that only our own pages hear, and the
// window knows itself by a mark in its own storage: its name is lost on the way through the platform.
const CHANNEL = "adloom-sign-in";
const MARK = "adloom-sign-in";
const SIZE = "popup,width=640,height=760";

export function startSignIn(): void {
  document.addEventListener("click", (event) => {
    const link = (event.target as Element).closest<HTMLAnchorElement>("a[data-sign-in]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    // A browser that allows no window follows the link as if there were no script.
    if (!window.open(link.href, MARK, SIZE)) return;
    event.preventDefault();
    waitForReturn();
  });
  if (window.name === MARK && document.querySelector("[data-leaving]")) sessionStorage.setItem(MARK, "1");
  if (document.querySelector("[data-signed-in]")) tellReturn();
}

function waitForReturn(): void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = (message: MessageEvent<unknown>) => {
    channel.close();
    if (typeof message.data === "string" && message.data.startsWith("/w/")) window.location.assign(message.data);
  };
}

// The page on which a sign-in ends, in that window: hand its address over and close.
function tellReturn(): void {
  if (!sessionStorage.getItem(MARK)) return;
  sessionStorage.removeItem(MARK);
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage(window.location.pathname + window.location.search);
  channel.close();
  window.close();
}
