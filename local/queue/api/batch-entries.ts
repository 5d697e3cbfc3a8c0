import { QueueError } from "../queue-error.ts";
import type { Input } from "./input.ts";

/** One of the requests in a batch request. */
export type BatchEntry = Input & { Id: string };

/** The limit of SQS for a batch request, and for a receive. */
export const MOST_ENTRIES = 10;

/** Carries out each entry by itself; a refused entry does not stop the others. */
export function eachEntry(input: Input, carryOut: (entry: BatchEntry) => object) {
  const Successful: object[] = [];
  const Failed: object[] = [];
  for (const entry of readEntries(input)) {
    try {
      Successful.push({ Id: entry.Id, ...carryOut(entry) });
    } catch (error) {
      if (!(error instanceof QueueError)) throw error;
      Failed.push({ Id: entry.Id, SenderFault: true, Code: error.code, Message: error.message });
    }
  }
  return { Successful, Failed };
}

/** @throws QueueError for a batch request that SQS refuses as a whole. */
export function readEntries(input: Input): BatchEntry[] {
  const entries = (input.Entries ?? []) as BatchEntry[];
  const refuse = (code: string, message: string) => {
    throw new QueueError(code, message);
  };
  if (entries.length === 0) {
    refuse("EmptyBatchRequest", "There should be at least one entry in the request.");
  }
  if (entries.length > MOST_ENTRIES) {
    refuse(
      "TooManyEntriesInBatchRequest",
      `Maximum number of entries per request are ${MOST_ENTRIES}. You have sent ${entries.length}.`,
    );
  }
  const wrong = entries.find(({ Id }) => !/^[\w-]{1,80}$/.test(Id));
  if (wrong) refuse("InvalidBatchEntryId", `The Id ${wrong.Id} of an entry is not valid.`);
  if (new Set(entries.map(({ Id }) => Id)).size < entries.length) {
    refuse("BatchEntryIdsNotDistinct", "Two entries of the batch have the same Id.");
  }
  return entries;
}
