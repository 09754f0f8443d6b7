// Every page's script: htmx, and small behaviours that make pages nicer but that no page needs to work.
import "./styles/main.css";
import "htmx.org";
import { startCopying } from "./behaviours/copy";
import { startDialogs } from "./behaviours/dialogs";
import { startExplanations } from "./behaviours/explain";
import { startPrinting } from "./behaviours/print";
import { startRows } from "./behaviours/rows";
import { startShortcuts } from "./behaviours/shortcuts";
import { startSignIn } from "./behaviours/signin";
import { startTheme } from "./behaviours/theme";
import { startToasts } from "./behaviours/toasts";
import { addCsrfHeader } from "./csrf";
import { startIslands } from "./islands";

addCsrfHeader();
startTheme();
startDialogs();
startExplanations();
startCopying();
startPrinting();
startToasts();
startRows();
startShortcuts();
startSignIn();
void startIslands().then(() => { document.documentElement.dataset.ready = ""; });
