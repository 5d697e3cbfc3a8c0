import type { Mutant } from "./report.ts";

/** Changes of one file that no test notices, and why they may live. */
interface Survivors {
  readonly file: string;
  readonly why: string;
  /** Code and mutants, as the command prints them. */
  readonly changes: readonly (readonly [code: string, ...mutants: string[]])[];
}

/** Whether it is known to survive, and harmless. */
export function isExplained({ file, code, mutant }: Mutant): boolean {
  return EXPLAINED.some(
    (known) =>
      known.file === file &&
      known.changes.some(([its, ...mutants]) => its === code && mutants.includes(mutant)),
  );
}

/** In the order of the files. */
const EXPLAINED: readonly Survivors[] = [
  {
    file: "lib/begin.ts",
    why: "The id of a request without a key is random: nobody else has a claim, or a record, of it, and nobody compares its fingerprint with another one.",
    changes: [
      ['"never"', '""'],
      ['""', '"Stryker was here!"'],
    ],
  },
  {
    file: "lib/committer.ts",
    why: "The default is for requests without a key, which have claimed nothing that could be freed.",
    changes: [
      ["() => false", "() => undefined"],
      ["false", "true"],
    ],
  },
  {
    file: "lib/completer/complete-abandoned.ts",
    why: "DynamoDB's answer to a query always has its items, and each its key; the SDK's types do not say so.",
    changes: [
      ["[]", '["Stryker was here"]'],
      ["id?.S", "id.S"],
    ],
  },
  {
    file: "lib/dynamodb/stored-text.ts",
    why: "How well an answer is compressed, and whether it is tried in vain, is a matter of time and units.",
    changes: [
      [
        "{ params: { // The best ratio at which a compression of 10 KB stays below a millisecond. [constants.…",
        "{}",
      ],
      [
        "{ // The best ratio at which a compression of 10 KB stays below a millisecond. [constants.BROTLI_PAR…",
        "{}",
      ],
      ["units(bytes) === 1", "false"],
    ],
  },
  {
    file: "lib/http/canonical-json.ts",
    why: "A short cut: what it leaves to the general way comes to the same form.",
    changes: [
      [
        '/"[^"\\\\\\p{Cc}\\p{Cs}]*"/uy',
        '/"[^"\\\\\\p{Cc}\\p{Cs}]"/uy',
        '/"[^"\\\\\\p{Cc}\\P{Cs}]*"/uy',
      ],
      ["plain !== undefined", "false"],
      ["{ at += plain.length; return plain; }", "{}"],
      ["keeps === undefined", "false"],
      ['""', '"Stryker was here!"'],
    ],
  },
  {
    file: "lib/http/canonical-json.ts",
    why: "Where there is no match, the next line fails, and any failure means that there is no form.",
    changes: [["throw new SyntaxError();", ";"]],
  },
  {
    file: "lib/http/canonical-json.ts",
    why: "Behind the end of a text there is no character, and so no white space.",
    changes: [["at < text.length", "at <= text.length"]],
  },
  {
    file: "lib/http/canonical-json.ts",
    why: "V8's sort keeps the order also where the later of two equal names is called the greater one.",
    changes: [
      ["one === other", "false"],
      ["one < other", "one <= other"],
    ],
  },
  {
    file: "lib/memory.ts",
    why: "It tells the compiler what is read next: other records have none of it.",
    changes: [
      ['old?.state === "CLAIMED"', "true"],
      ['old.state === "CLAIMED"', "true"],
    ],
  },
  {
    file: "lib/protocol/commit.ts",
    why: "Whatever is not to be freed is released.",
    changes: [['"release"', '""']],
  },
  {
    file: "lib/protocol/digest.ts",
    why: "Bytes are copied then, and stay the same.",
    changes: [['typeof part === "string"', "true"]],
  },
  {
    file: "lib/protocol/recall.ts",
    why: "Any owner does that no execution has.",
    changes: [['""', '"Stryker was here!"']],
  },
  {
    file: "lib/requirements.ts",
    why: "Names are compared without regard to case; which case that is does not matter.",
    changes: [["name.toLowerCase()", "name.toUpperCase()"]],
  },
];
