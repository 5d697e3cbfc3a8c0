import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { dfns, dwolla, gluwa, ietf, orzcash, type Profile, stripe } from "../../lib/index.ts";

const document = readFileSync(new URL("../../docs/profiles.md", import.meta.url), "utf8");
const [, table = ""] = /\n(\| \| `ietf\(\)`.*?)\n\n/s.exec(document) ?? [];
const [head = [], , ...rows] = table
  .split("\n")
  .map((line) => line.split(" | ").map((cell) => cell.replace(/^\| | \|$/g, "").trim()));

const PROFILES: Readonly<Record<string, Profile>> = {
  "`ietf()`": ietf(),
  "`dwolla()`": dwolla(),
  "`orzcash()`": orzcash(),
  "`dfns(kind)`": dfns(),
  "`gluwa()`": gluwa(),
  "`stripe()`": stripe(),
};

/** How docs/profiles.md writes a knob: the beginning of its cell. */
const WRITTEN: Readonly<Record<string, (profile: Profile) => string>> = {
  methods: ({ methods }) => methods.join(", "),
  scope: ({ scope }) => (typeof scope === "string" ? scope : "kind"),
  fingerprint: ({ fingerprint }) =>
    Object.entries(fingerprint)
      .filter(([, counts]) => counts)
      .map(([part]) => part)
      .join(", "),
  missingKey: ({ missingKey }) => missingKey,
  inFlight: ({ inFlight }) =>
    inFlight === "refuse" ? "refuse" : `wait ${inFlight.waitMs / 1000} s`,
  mismatch: ({ mismatch }) => mismatch,
  interrupted: ({ interrupted }) => interrupted,
  abandoned: ({ abandoned }) => abandoned,
  keepsResponses: ({ keepsResponses }) => (keepsResponses ? "yes" : "no"),
  documentationUrl: () => "none",
  replayMarker: ({ replayMarker }) => replayMarker ?? "none",
};

const readKnob = (row: readonly string[]) => /^`(\w+)`/.exec(row[0] ?? "")?.[1] ?? "";

test("docs/profiles.md has a column for each profile, and a row for each knob", () => {
  expect(head.slice(1)).toEqual(Object.keys(PROFILES));
  const knobs = Object.keys(ietf()).filter((knob) => knob !== "name");
  expect(rows.map(readKnob).sort()).toEqual(knobs.sort());
});

test.each(Object.keys(WRITTEN))(
  "docs/profiles.md gives the value of %s in each profile",
  (knob) => {
    const cells = rows.find((row) => readKnob(row) === knob)?.slice(1) ?? [];
    const plain = cells.map((cell) => cell.replace(/[*`]/g, ""));
    const expected = Object.values(PROFILES).map((profile) => WRITTEN[knob]?.(profile) ?? "");
    expect(plain.map((cell, at) => cell.slice(0, expected[at]?.length))).toEqual(expected);
  },
);
