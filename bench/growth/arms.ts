import type { Arm } from "../arms/arm.ts";
import { bareCalls } from "../arms/bare.ts";
import { createOurArm } from "../arms/ours.ts";
import { powertoolsMiddy } from "../arms/powertools.ts";

/** The engine bends the line of the bare calls. A library must bend its own line no further. */
export const BARE = bareCalls;
export const GROWING: readonly Arm[] = [BARE, powertoolsMiddy, createOurArm("Middy", "start")];

/** A figure at one point of a line. */
export interface Point {
  readonly line: string;
  readonly path: string;
  /** The number of records, or of invocations at once. */
  readonly at: number;
  readonly fastMs: number;
  readonly medianMs: number;
  readonly p99Ms: number;
  /** The CPU time of this process for a request, if it was measured. */
  readonly cpuMs?: number;
  /** The fast quarter as a multiple of the bare calls' at the same point. */
  readonly ofBare: number;
}

/** Adds to each point its ratio to the bare calls at the same point. */
export function compareWithBare(points: readonly Omit<Point, "ofBare">[]): Point[] {
  return points.map((point) => {
    const bare = points.find(
      ({ line, path, at }) => line === BARE.name && path === point.path && at === point.at,
    );
    return { ...point, ofBare: point.fastMs / (bare?.fastMs ?? Number.NaN) };
  });
}
