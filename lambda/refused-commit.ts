import type { CommitRefused } from "../lib/index.ts";

/** Whether a commit was refused by the condition of one of its writes. */
export function isCommitRefused(error: unknown): error is CommitRefused {
  return (error as Error).name === "IdempotencyCommitRefused";
}
