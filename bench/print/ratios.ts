import type { LinkName, Row } from "../links/links.ts";
import { nameRequests } from "../links/links.ts";
import { computeSpread, type Spread } from "../measuring/figure.ts";
import {
  type BenchPath,
  FRESH_OUTSIDE,
  FRESH_TRANSFER,
  REPLAY_1KB,
  REPLAY_10KB,
  REPLAY_CACHED,
} from "../requests/paths.ts";

/** A ratio with a goal, and its measured value. */
export interface NamedRatio extends Spread {
  readonly name: string;
  readonly meaning: string;
  readonly atMost: number;
}

const OURS = "ours: Middy";
const OURS_AT_COMMIT = "ours: Middy, at the commit";
const POWERTOOLS = "Powertools: Middy";
const BARE_CALLS = "bare SDK calls";

/** The ratios of the times. The ratio of the units is measured on the wire. */
export function timeRatios(rows: readonly Row[]): NamedRatio[] {
  const figure = (link: LinkName, path: BenchPath, arm: string) => {
    const row = rows.find((one) => one.link === link && one.path === path.name && one.arm === arm);
    if (row === undefined) throw new Error(`${arm} was not measured on ${link}, ${path.name}.`);
    return row;
  };
  const quotient = (link: LinkName, path: BenchPath, arm: string, other: string) =>
    computeSpread([figure(link, path, arm), figure(link, path, other)], (one, two) => one / two);

  /** The CPU time beyond the bare calls, ours as a share of Powertools'. */
  const overBare = (path: BenchPath) =>
    computeSpread(
      [OURS, BARE_CALLS, POWERTOOLS].map((arm) => figure("stubbed", path, arm)),
      (ours, bare, powertools) => (ours - bare) / (powertools - bare),
    );
  /** The same share, but beyond the requests that each library sends. */
  const overOwnRequests = (path: BenchPath) =>
    computeSpread(
      [OURS, nameRequests(OURS), POWERTOOLS, nameRequests(POWERTOOLS)].map((arm) =>
        figure("stubbed", path, arm),
      ),
      (ours, itsOwn, powertools, theirs) => (ours - itsOwn) / (powertools - theirs),
    );

  const CPU = "CPU over two bare SDK calls";
  const REPLAY = "CPU over the bare SDK call";
  return [
    {
      name: "freshTransfer.vsPowertools",
      meaning: "fresh transfer, 5 ms per round trip, claiming at the commit",
      atMost: 0.4,
      ...quotient("5 ms", FRESH_TRANSFER, OURS_AT_COMMIT, POWERTOOLS),
    },
    {
      name: "freshTransfer.vsBare",
      meaning: "the same, over the bare transaction",
      atMost: 1.1,
      ...quotient("5 ms", FRESH_TRANSFER, OURS_AT_COMMIT, "bare handler"),
    },
    {
      name: "freshCpu.vsPowertools",
      meaning: `fresh, outside effect, ${CPU}`,
      atMost: 0.5,
      ...overBare(FRESH_OUTSIDE),
    },
    {
      name: "freshCpu.vsPowertoolsOverOwnRequests",
      meaning: "the same, over the very requests that each sends",
      atMost: 0.5,
      ...overOwnRequests(FRESH_OUTSIDE),
    },
    {
      name: "replayCpu.vsPowertools",
      meaning: `replay of 1 KB, ${REPLAY}`,
      atMost: 0.5,
      ...overBare(REPLAY_1KB),
    },
    {
      name: "replayCpu.vsPowertoolsOverOwnRequests",
      meaning: "the same, over the very request that each sends",
      atMost: 0.5,
      ...overOwnRequests(REPLAY_1KB),
    },
    {
      name: "replayCpu.vsPowertoolsAt10KB",
      meaning: `replay of 10 KB, ${REPLAY}`,
      atMost: 0.5,
      ...overBare(REPLAY_10KB),
    },
    {
      name: "cachedReplay.vsPowertools",
      meaning: "replay from the in-process cache",
      atMost: 0.5,
      ...quotient("stubbed", REPLAY_CACHED, OURS, POWERTOOLS),
    },
  ];
}
