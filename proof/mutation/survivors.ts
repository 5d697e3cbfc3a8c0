import type { Mutant } from "./report.ts";

/** Changes of one file that no test notices, and why they may live. */
interface Survivors {
  readonly file: string;
  readonly why: string;
  /** Lines, and what may stand in the place of what in them, as the command prints it. */
  readonly changes: readonly (readonly [line: string, code: string, ...mutants: string[]])[];
}

/** Whether it is known to survive, and harmless. */
export function isExplained({ file, sourceLine, code, mutant }: Mutant): boolean {
  return EXPLAINED.some(
    (known) =>
      known.file === file &&
      known.changes.some(
        ([line, its, ...mutants]) =>
          line === sourceLine && its === code && mutants.includes(mutant),
      ),
  );
}

const RETHROWN = "if (!(error instanceof SyntaxError)) throw error;";

// biome-ignore lint/suspicious/noTemplateCurlyInString: it is a line of code.
const LETTERS = "const letters = ` ${name.toLowerCase()} `;";

/** In the order of the files. */
const EXPLAINED: readonly Survivors[] = [
  {
    file: "lib/invocation/begin.ts",
    why: "The id of a request without a key is random: nobody else has a claim, or a record, of it, and nobody compares its fingerprint with another one.",
    changes: [
      [
        '? claimed(undefined, keyedBy(tools.randomUUID()), "never", { ...profile, retention: NONE })',
        '"never"',
        '""',
      ],
      [
        'const execution = enterUnclaimed(tools, profile, { id, fingerprint: "", remainingMs });',
        '""',
        '"Stryker was here!"',
      ],
    ],
  },
  {
    file: "lib/invocation/commits.ts",
    why: "The default is for requests without a key, which have claimed nothing that could be freed.",
    changes: [
      ["hasEffectsElsewhere: () => boolean = () => false,", "() => false", "() => undefined"],
      ["hasEffectsElsewhere: () => boolean = () => false,", "false", "true"],
    ],
  },
  {
    file: "lib/invocation/commits.ts",
    why: "It tells the compiler what has a response: no other state has one.",
    changes: [
      [
        'return state.kind === "committed" || state.kind === "replaced" ? state.response : undefined;',
        'state.kind === "committed" || state.kind === "replaced"',
        "true",
      ],
    ],
  },
  {
    file: "lib/completer/complete-abandoned.ts",
    why: "DynamoDB's answer to a query always has its items, and each its key; the SDK's types do not say so.",
    changes: [
      ["yield (page.Items ?? []).flatMap(({ id }) => id?.S ?? []);", "[]", '["Stryker was here"]'],
      ["yield (page.Items ?? []).flatMap(({ id }) => id?.S ?? []);", "id?.S", "id.S"],
    ],
  },
  {
    file: "lib/dynamodb/aliases.ts",
    why: "Without it the same names come out, only later.",
    changes: [["known.set(text, names);", "known.set(text, names);", ";"]],
  },
  {
    file: "lib/dynamodb/stored-text.ts",
    why: "How well an answer is compressed, and whether it is tried in vain, is a matter of time and units.",
    changes: [
      [
        "const compressed = brotliCompressSync(text, {",
        "{ params: { // The best ratio at which a compression of 10 KB stays below a millisecond. [constants.…",
        "{}",
      ],
      [
        "params: {",
        "{ // The best ratio at which a compression of 10 KB stays below a millisecond. [constants.BROTLI_PAR…",
        "{}",
      ],
      ["if (units(bytes) === 1) return { S: text };", "units(bytes) === 1", "false"],
    ],
  },
  {
    file: "lib/http/canonical-json.ts",
    why: "A short cut: what it leaves to the general way comes to the same form.",
    changes: [
      [
        String.raw`const PLAIN_TEXT = /"[^"\\\p{Cc}\p{Cs}]*/uy;`,
        String.raw`/"[^"\\\p{Cc}\p{Cs}]*/uy`,
        String.raw`/"[^"\\\p{Cc}\p{Cs}]/uy`,
        String.raw`/"[^"\\\p{Cc}\P{Cs}]*/uy`,
      ],
    ],
  },
  {
    file: "lib/http/canonical-json.ts",
    why: "Nothing else is thrown here; if it were, it would be heard.",
    changes: [
      [RETHROWN, "!(error instanceof SyntaxError)", "false"],
      [RETHROWN, "throw error;", ";"],
      ["} catch (error) {", "{ if (!(error instanceof SyntaxError)) throw error; }", "{}"],
    ],
  },
  {
    file: "lib/http/canonical-json.ts",
    why: "Behind the end of a text there is no character, and so no white space.",
    changes: [["for (; at < text.length; at += 1) {", "at < text.length", "at <= text.length"]],
  },
  {
    file: "lib/http/canonical-json.ts",
    why: "V8's sort keeps the order also where the later of two equal names is called the greater one.",
    changes: [
      ["if (one === other) return 0;", "one === other", "false"],
      ["return one < other ? -1 : 1;", "one < other", "one <= other"],
    ],
  },
  {
    file: "lib/memory.ts",
    why: "It tells the compiler what is read next: other records have none of it.",
    changes: [
      [
        'const before = old?.state === "CLAIMED" ? old : undefined;',
        'old?.state === "CLAIMED"',
        "true",
      ],
      ['old.state === "CLAIMED" &&', 'old.state === "CLAIMED"', "true"],
    ],
  },
  {
    file: "lib/protocol/commit.ts",
    why: "Whatever is not to be freed is released.",
    changes: [
      [
        'const settlement = interrupted === "refuse" && mayFree ? "free" : "release";',
        '"release"',
        '""',
      ],
    ],
  },
  {
    file: "lib/protocol/digest.ts",
    why: "Bytes are copied then, and stay the same.",
    changes: [
      [
        'typeof part === "string" ? Buffer.from(part, isHalved ? "utf16le" : undefined) : part;',
        'typeof part === "string"',
        "true",
      ],
    ],
  },
  {
    file: "lib/protocol/recall.ts",
    why: "Any owner does that no execution has.",
    changes: [
      [
        'const claimant = { owner: "", fingerprint: request.fingerprint };',
        '""',
        '"Stryker was here!"',
      ],
    ],
  },
  {
    file: "lib/settings/requirements.ts",
    why: "Names are compared without regard to case; which case that is does not matter.",
    changes: [[LETTERS, "name.toLowerCase()", "name.toUpperCase()"]],
  },
];
