import type { RequestVerdict, TapRequest } from "../../local/tap.ts";

/** The requests about each record and what happened to them: for the reader of a story, not for the checker. */
export interface Diary {
  note(request: TapRequest, event: string): void;
  /** The lines about one record, in their order. */
  about(recordId: string): readonly DiaryLine[];
}

/** An event in the life of a request. */
export interface DiaryLine {
  /** Milliseconds since the run began. */
  readonly atMs: number;
  readonly text: string;
}

/** @param sinceStart milliseconds since the run began. */
export function keepDiary(sinceStart: () => number): Diary {
  const lines = new Map<string, DiaryLine[]>();
  return {
    note(request, event) {
      const write = readRecordWrite(request);
      if (write === undefined) return;
      const about = lines.get(write.id) ?? [];
      lines.set(write.id, about);
      const text = `${request.environmentId} #${request.sequence} ${write.change}: ${event}`;
      about.push({ atMs: sinceStart(), text });
    },
    about: (recordId) => lines.get(recordId) ?? [],
  };
}

/** Describes the fate of a request in words. */
export function describeVerdict(verdict: RequestVerdict): string {
  if (typeof verdict === "string") return verdict;
  if ("status" in verdict) return `answered with ${verdict.body.__type}`;
  return JSON.stringify(verdict);
}

interface Update {
  readonly Key?: { readonly id?: { readonly S?: string } };
  readonly UpdateExpression?: string;
}

/** The write of a record in a request: the first one of a transaction. */
function readRecordWrite({ body }: TapRequest): { id: string; change: string } | undefined {
  const [first] = (body.TransactItems as { Update?: Update }[] | undefined) ?? [{ Update: body }];
  const { Key, UpdateExpression = "" } = (first?.Update ?? {}) as Update;
  const id = Key?.id?.S;
  if (id === undefined) return undefined;
  const [change = ""] = UpdateExpression.split(",");
  return { id, change: change === "" ? "read" : change };
}
