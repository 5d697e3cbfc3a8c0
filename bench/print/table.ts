/** A column of a printed table: its head, and the text of a row's cell. */
export interface Column<Row> {
  readonly head: string;
  readonly cell: (row: Row) => string;
  /** @default "right" */
  readonly align?: "left" | "right";
}

/** A Markdown table, aligned to be read in a terminal as well as in a document. */
export function formatTable<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string {
  const padded = columns.map(({ head, cell, align = "right" }) => {
    const cells = [head, ...rows.map(cell)];
    const width = Math.max(...cells.map((text) => text.length));
    const rule = align === "left" ? "-".repeat(width) : `${"-".repeat(width - 1)}:`;
    const pad = (text: string) => (align === "left" ? text.padEnd(width) : text.padStart(width));
    const [first = "", ...rest] = cells.map(pad);
    return [first, rule, ...rest];
  });
  const lines = padded[0]?.map((_, line) => padded.map((column) => column[line]));
  return (lines ?? []).map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** A whole number with separators of thousands. */
export function groupDigits(number: number): string {
  return Math.round(number).toLocaleString("en-GB");
}
