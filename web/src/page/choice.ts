import { h } from "./dom";

export interface Option {
  key: string;
  label: string;
}

let groups = 0;

/** A row of options of which one is chosen: radio buttons, so arrow keys move between them. */
export function choice(label: string, options: Option[], chosen: string, choose: (key: string) => void): HTMLElement {
  const group = `choice-${++groups}`;
  return h(
    "fieldset",
    { class: "choice" },
    h("legend", { class: "visually-hidden" }, label),
    options.map(({ key, label: text }) => h("label", null, h("input", { type: "radio", name: group, value: key, checked: key === chosen, change: () => choose(key) }), h("span", null, text))),
  );
}

/** A drop-down list, for as many options as there may be. */
export function dropDown(label: string, options: Option[], choose: (key: string) => void): HTMLElement {
  const list = h("select", { change: () => choose(list.value) }, options.map(({ key, label: text }) => h("option", { value: key }, text)));
  return h("label", { class: "drop-down" }, h("span", { class: "visually-hidden" }, label), list);
}
