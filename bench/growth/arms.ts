import type { Arm } from "../arms/arm.ts";
import { bareCalls } from "../arms/bare.ts";
import { ours } from "../arms/ours.ts";
import { powertoolsMiddy } from "../arms/powertools.ts";

/** The engine bends the line of the bare calls; a library may bend no other. */
export const BARE = bareCalls;
export const GROWING: readonly Arm[] = [BARE, powertoolsMiddy, ours("Middy", "start")];

/** A figure at one point of a line. */
export interface Point {
  readonly line: string;
  readonly path: string;
  /** How many records there are, or invocations at once. */
  readonly at: number;
  readonly fastMs: number;
  readonly medianMs: number;
  readonly p99Ms: number;
  /** What this process computed for a request, where it was counted. */
  readonly cpuMs?: number;
  /** The fast quarter as a multiple of the bare calls' at the same point. */
  readonly ofBare: number;
}

/** Adds to each point how it compares with the bare calls at the same point. */
export function besideBare(points: readonly Omit<Point, "ofBare">[]): Point[] {
  return points.map((point) => {
    const bare = points.find(
      ({ line, path, at }) => line === BARE.name && path === point.path && at === point.at,
    );
    return { ...point, ofBare: point.fastMs / (bare?.fastMs ?? Number.NaN) };
  });
}
