/** A new array; rows that compare equal keep their order. */
export function sorted<Row>(rows: Row[], column: { value: (row: Row) => number | string | null }, ascending: boolean): Row[] {
  const direction = ascending ? 1 : -1;
  return rows
    .map((row) => ({ row, value: column.value(row) }))
    .sort((a, b) => {
      if (a.value === null || b.value === null) return a.value === b.value ? 0 : a.value === null ? 1 : -1;
      if (typeof a.value === "number" && typeof b.value === "number") return (a.value - b.value) * direction;
      return String(a.value).localeCompare(String(b.value), "en", { numeric: true }) * direction;
    })
    .map(({ row }) => row);
}
