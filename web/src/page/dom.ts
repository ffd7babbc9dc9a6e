type Child = Node | string | null | undefined | false;
type Attributes = Record<string, string | number | boolean | null | undefined | ((event: Event) => void)>;

/**
 * Makes an element. Text only ever becomes text nodes and attributes, never markup: names come from the load plan and from
 * responses, and are not to be trusted.
 */
export function h<K extends keyof HTMLElementTagNameMap>(tag: K, attributes?: Attributes | null, ...children: (Child | Child[])[]): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  assign(element, attributes);
  element.append(...nodes(children));
  return element;
}

const SvgNamespace = "http://www.w3.org/2000/svg";

export function svg(tag: string, attributes?: Attributes | null, ...children: Child[]): SVGElement {
  const element = document.createElementNS(SvgNamespace, tag) as SVGElement;
  assign(element, attributes);
  element.append(...nodes(children));
  return element;
}

/** A name from outside, kept from changing the reading direction of what stands around it. */
export const name = (text: string): HTMLElement => h("bdi", { class: "name" }, text);

function assign(element: Element, attributes: Attributes | null | undefined): void {
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(key, value);
    else element.setAttribute(key, value === true ? "" : String(value));
  }
}

function nodes(children: (Child | Child[])[]): (Node | string)[] {
  return children.flat().filter((child): child is Node | string => child !== null && child !== undefined && child !== false && child !== "");
}
