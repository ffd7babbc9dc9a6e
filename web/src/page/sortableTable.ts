import { Unknown } from "../numbers/format";
import { h, name } from "./dom";
import { sorted } from "./sorted";

export interface Column<Row> {
  key: string;
  label: string;
  /** Columns that belong together under one heading. */
  group?: string;
  /** Left out on paper, which does not scroll. */
  screenOnly?: boolean;
  /** What the column sorts by; null sorts last in both directions. */
  value: (row: Row) => number | string | null;
  format?: (value: number) => string;
  /** Class of a cell, for colour that repeats what its text says. */
  cellClass?: (row: Row) => string;
  /** Numbers start with the largest first, unless small is what one looks for. */
  first?: "ascending" | "descending";
}

const LongTable = 25;

/** A table that sorts by any column: each heading is a button, so the keyboard works as the pointer does. */
export function sortableTable<Row>(caption: string, columns: Column<Row>[], rows: Row[], sortedBy: string): HTMLElement {
  const body = h("tbody");
  const headings = new Map<string, HTMLElement>();
  let sort = { key: "", ascending: true };

  const sortBy = (column: Column<Row>): void => {
    const text = rows.length > 0 && typeof rows.map(column.value).find((value) => value !== null) === "string";
    const ascending = sort.key === column.key ? !sort.ascending : (column.first ?? (text ? "ascending" : "descending")) === "ascending";
    sort = { key: column.key, ascending };
    for (const [key, heading] of headings) {
      if (key === column.key) heading.setAttribute("aria-sort", ascending ? "ascending" : "descending");
      else heading.removeAttribute("aria-sort");
    }
    body.replaceChildren(...sorted(rows, column, ascending).map((row) => rowOf(columns, row)));
  };

  const heading = (column: Column<Row>, numeric: boolean): HTMLElement => {
    const cell = h("th", { scope: "col", class: classes(numeric && "number", column.screenOnly && "screen-only"), "data-column": column.key }, h("button", { type: "button", click: () => sortBy(column) }, column.label, h("span", { class: "arrow", "aria-hidden": "true" })));
    headings.set(column.key, cell);
    return cell;
  };
  const head = h("tr", null, columns.map((column, i) => heading(column, i > 0)));
  const initial = columns.find((column) => column.key === sortedBy) ?? columns[0];
  if (initial) sortBy(initial);
  const table = h("table", { class: "sortable" }, h("caption", null, caption), h("thead", null, groupRow(columns), head), body);
  return h("div", { class: rows.length > LongTable ? "scroll tall" : "scroll", tabindex: "0", role: "region", "aria-label": caption }, table);
}

function groupRow<Row>(columns: Column<Row>[]): HTMLElement | null {
  if (!columns.some((column) => column.group)) return null;
  const groups: { label: string; span: number; screenOnly: boolean }[] = [];
  for (const { group = "", screenOnly = false } of columns) {
    const last = groups.at(-1);
    if (last && last.label === group) last.span++;
    else groups.push({ label: group, span: 1, screenOnly });
  }
  return h("tr", { class: "groups" }, groups.map(({ label, span, screenOnly }) => (label ? h("th", { scope: "colgroup", colspan: span, class: classes(screenOnly && "screen-only") }, label) : h("td", { colspan: span }))));
}

function rowOf<Row>(columns: Column<Row>[], row: Row): HTMLElement {
  return h(
    "tr",
    null,
    columns.map((column, i) => {
      const value = column.value(row);
      if (i === 0) return h("th", { scope: "row" }, name(String(value)));
      const text = value === null ? Unknown : typeof value === "number" && column.format ? column.format(value) : String(value);
      return h("td", { class: classes("number", column.cellClass?.(row), column.screenOnly && "screen-only"), "data-column": column.key, "data-value": value }, text);
    }),
  );
}

const classes = (...names: (string | false | undefined)[]): string | null => names.filter(Boolean).join(" ") || null;
