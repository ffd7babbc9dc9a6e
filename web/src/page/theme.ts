import { h } from "./dom";
import { icon } from "./icons";

type Theme = "system" | "light" | "dark";
const order: Theme[] = ["system", "light", "dark"];
const icons = { system: "system", light: "sun", dark: "moon" } as const;
const StorageKey = "headroom-report-theme";

/** Fired on the document when the colours have changed, so that what is drawn on a canvas is drawn again. */
export const ThemeChanged = "headroom-theme";

export function themeToggle(): HTMLElement {
  let theme = remembered();
  const button = h("button", { type: "button", class: "theme-toggle", click: () => show(order[(order.indexOf(theme) + 1) % order.length] ?? "system") });
  const show = (next: Theme): void => {
    theme = next;
    apply(theme);
    button.replaceChildren(icon(icons[theme]), h("span", null, theme === "system" ? "Auto" : theme === "light" ? "Light" : "Dark"));
    button.setAttribute("aria-label", `Colours: ${theme}. Switch to ${order[(order.indexOf(theme) + 1) % order.length]}.`);
  };
  show(theme);
  followSystem();
  return button;
}

function apply(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
  // A page opened from a file may have no storage; the choice then lasts as long as the page.
  try {
    if (theme === "system") localStorage.removeItem(StorageKey);
    else localStorage.setItem(StorageKey, theme);
  } catch {}
  announce();
}

function remembered(): Theme {
  try {
    const stored = localStorage.getItem(StorageKey);
    return stored === "light" || stored === "dark" ? stored : "system";
  } catch {
    return "system";
  }
}

/** Paper is light whatever the screen is: charts are drawn in the light colours for printing and back again after it. */
function followSystem(): void {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", announce);
  let before: string | undefined;
  addEventListener("beforeprint", () => {
    before = document.documentElement.dataset["theme"];
    document.documentElement.dataset["theme"] = "light";
    announce();
  });
  addEventListener("afterprint", () => {
    if (before === undefined) delete document.documentElement.dataset["theme"];
    else document.documentElement.dataset["theme"] = before;
    announce();
  });
}

const announce = (): void => {
  document.dispatchEvent(new CustomEvent(ThemeChanged));
};
