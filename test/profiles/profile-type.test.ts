import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { expect, test } from "@jest/globals";
import { problemEnvelope } from "../../lib/http/problem.ts";
import { dfns, dwolla, gluwa, ietf, orzcash, type Profile, stripe } from "../../lib/index.ts";
import { defaultOutcome } from "../../lib/protocol/outcome.ts";

const OTHERS = { dwolla, orzcash, dfns, gluwa, stripe };

const source = readFileSync(new URL("../../lib/profiles/profile.ts", import.meta.url), "utf8");
const [, members = ""] = /^export interface Profile .*?\{\n(.*)^\}/ms.exec(source) ?? [];
const docs = new Map(
  [...members.matchAll(/ {2}\/\*\*\n(.*?) {3}\*\/\n {2}readonly (\w+)/gs)].map(
    ([, doc = "", knob = ""]) => [knob as keyof Profile, doc.replace(/^ *\* ?/gm, "")] as const,
  ),
);

test("the Profile type declares every knob itself, with its documentation", () => {
  expect([...docs.keys()].sort()).toEqual(Object.keys(ietf()).sort());
});

test.each([...docs])(
  "the documentation of %s gives the value under ietf() as @default",
  (knob, doc) => {
    const [, text = ""] = /^@default (.*)$/m.exec(doc) ?? [];
    const code = typeof ietf()[knob] === "function" ? text.split(":")[0] : text;
    const evaluate = new Function(
      "defaultOutcome",
      "problemEnvelope",
      `return ${code || "'none'"}`,
    );
    expect(evaluate(defaultOutcome, problemEnvelope)).toEqual(ietf()[knob]);
  },
);

test.each([...docs].filter(([knob]) => knob !== "name"))(
  "the documentation of %s links the profiles that differ from ietf()",
  (knob, doc) => {
    const linked = [...doc.matchAll(/\{@link (\w+)\}/g)].map(([, name]) => name);
    const different = Object.entries(OTHERS)
      .filter(([, profile]) => !isDeepStrictEqual(profile()[knob], ietf()[knob]))
      .map(([name]) => name);
    expect(linked.sort()).toEqual(different.sort());
  },
);
