import type { RequestVerdict, TapRequest } from "../../local/tap.ts";

/** What was seen of the writes to each record; for whoever reads a story, and not for the checker. */
export interface Diary {
  note(request: TapRequest, what: string): void;
  /** The lines about one record, in the order in which they were written. */
  about(recordId: string): readonly DiaryLine[];
}

/** One thing that happened to a request. */
export interface DiaryLine {
  /** Milliseconds since the run began. */
  readonly atMs: number;
  readonly text: string;
}

/** @param sinceStart milliseconds since the run began. */
export function keepDiary(sinceStart: () => number): Diary {
  const lines = new Map<string, DiaryLine[]>();
  return {
    note(request, what) {
      const write = recordWrite(request);
      if (write === undefined) return;
      const about = lines.get(write.id) ?? [];
      lines.set(write.id, about);
      const text = `${request.environmentId} #${request.sequence} ${write.change}: ${what}`;
      about.push({ atMs: sinceStart(), text });
    },
    about: (recordId) => lines.get(recordId) ?? [],
  };
}

/** What is done to a request, in words. */
export function inWords(verdict: RequestVerdict): string {
  if (typeof verdict === "string") return verdict;
  if ("status" in verdict) return `answered with ${verdict.body.__type}`;
  return JSON.stringify(verdict);
}

interface Update {
  readonly Key?: { readonly id?: { readonly S?: string } };
  readonly UpdateExpression?: string;
}

/** The write of a record in a request: the first one of a transaction. */
function recordWrite({ body }: TapRequest): { id: string; change: string } | undefined {
  const [first] = (body.TransactItems as { Update?: Update }[] | undefined) ?? [{ Update: body }];
  const { Key, UpdateExpression = "" } = (first?.Update ?? {}) as Update;
  const id = Key?.id?.S;
  if (id === undefined) return undefined;
  const [change = ""] = UpdateExpression.split(",");
  return { id, change: change === "" ? "read" : change };
}
