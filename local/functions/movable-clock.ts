import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A clock for functions. A test moves it and need not wait for time to pass. */
export type MovableClock = {
  /** The lead of the functions' time over this machine's. */
  offsetMs(): number;
  /** Moves the time of all functions, running ones included. */
  advance(durationMs: number): void;
  /** Sees each move. Call the result to see no more. */
  onAdvance(listener: () => void): () => void;
  /** The arguments for Node that put a process under this clock. */
  nodeArguments: string[];
  close(): void;
};

/** Starts a clock at this machine's time. */
export function startMovableClock(): MovableClock {
  const folder = mkdtempSync(join(tmpdir(), "local-cloud-clock-"));
  // A file reaches every process at once, frozen or busy, and needs no connection.
  const file = join(folder, "offset-ms");
  const listeners = new Set<() => void>();
  let offsetMs = 0;
  const advance = (durationMs: number) => {
    offsetMs += durationMs;
    writeFileSync(file, String(offsetMs));
    for (const listener of [...listeners]) listener();
  };
  advance(0);
  const preload = new URL("shifted-time.ts", import.meta.url);
  preload.searchParams.set("file", file);
  return {
    offsetMs: () => offsetMs,
    advance,
    onAdvance: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    nodeArguments: ["--import", preload.href],
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}
