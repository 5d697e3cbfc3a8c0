/** The printed form of a command's results, for a terminal and for docs/performance.md. */
export interface Report {
  /** The date and the machine of the measurement. */
  readonly machine: string;
  /** The conditions that all tables share. */
  readonly notes: readonly string[];
  readonly tables: readonly CaptionedTable[];
}

export interface CaptionedTable {
  /** Names the table in docs/performance.md, behind the name of the results. */
  readonly name: string;
  readonly caption?: string;
  /** In Markdown. */
  readonly table: string;
}

/** The lines above the tables: when, where and how their figures were measured. */
export function formatRun({ machine, notes }: Report): string {
  return [machine, ...notes].join("\n\n");
}

export function formatCaptioned({ caption, table }: CaptionedTable): string {
  return caption === undefined ? table : `${caption}\n\n${table}`;
}

export function formatReport(report: Report): string {
  return [formatRun(report), ...report.tables.map(formatCaptioned)].join("\n\n");
}
